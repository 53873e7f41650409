const number = (value: number): string => (Object.is(value, -0) ? '0' : String(value))

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/**
 * A text that is equal for equal values and for no others, to the bit: numbers as their shortest exact decimals, NaN and infinities
 * by name, −0 as 0 (as a checkpoint gives it back), keys in order.
 */
export const canonical = (value: unknown): string => {
  if (typeof value === 'number') return number(value)
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : JSON.stringify(value)
  return `{${Object.entries(value)
    .toSorted(byKey)
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join()}}`
}

/** What is in one list and not in the other, counted: `+` only in the second, `-` only in the first. */
export const differences = (expected: readonly string[], actual: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>()
  for (const text of expected) counts.set(text, (counts.get(text) ?? 0) - 1)
  for (const text of actual) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].flatMap(([text, count]) =>
    count === 0 ? [] : [`${count < 0 ? 'missing' : 'too many'} ${Math.abs(count)} × ${text}`],
  )
}

/** Ids that must be unique and are not. */
export const repeated = (what: string, ids: readonly string[]): readonly string[] =>
  ids.length === new Set(ids).size ? [] : [`${what}: ${ids.length - new Set(ids).size} ids more than once`]
