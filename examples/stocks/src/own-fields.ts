/** Whether an object has these fields itself, not by its prototype. */
export const hasOwnFields = (value: object, fields: readonly string[]): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  // What JSON makes has nothing of ours to inherit: the fields that a codec has seen in it are its own.
  if (prototype === Object.prototype || prototype === null) return true
  return fields.every((field) => Object.hasOwn(value, field))
}
