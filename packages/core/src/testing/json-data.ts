/** Data as JSON text: what JSON has no word for is written as an object with one `$` key. */
const encode = (_key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  return value
}

const decode = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if ('$number' in value) return Number(value.$number)
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'))
  return value
}

/** `Buffer.toJSON` runs before a replacer sees the value, so Buffers are looked up in their holder. */
function encodeFromHolder(this: unknown, key: string, value: unknown): unknown {
  // `this` is the object or array that holds the key: that is how JSON.stringify calls it.
  return encode(key, (this as Record<string, unknown>)[key] ?? value)
}

/** One line, without a newline. NaN, infinities and bytes survive. */
export const dataToJson = (data: unknown): string => JSON.stringify(data, encodeFromHolder)

/** The opposite of `dataToJson`. */
export const dataFromJson = (json: string): unknown => JSON.parse(json, decode)
