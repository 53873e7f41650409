/**
 * `text` as a JSON string, well-formed (lone surrogates are escaped). Of a text that does not fit in `roomBytes` only so
 * much is rendered as is needed to be longer than that: one UTF-16 unit never takes less than one byte.
 */
export const quoted = (text: string, roomBytes: number): string =>
  JSON.stringify(text.length > roomBytes ? text.slice(0, roomBytes + 1) : text)

/** Bytes as a JSON string of base64, under the same rule as `quoted`. */
export const base64 = (buffer: ArrayBufferLike, offset: number, length: number, roomBytes: number): string => {
  const visible = Math.min(length, Math.ceil(((roomBytes + 1) * 3) / 4))
  return `"${Buffer.from(buffer, offset, visible).toString('base64')}"`
}

/** The longest beginning of `text` that takes at most `maxBytes` in UTF-8 and does not cut a character in two. */
export const cutUtf8 = (text: string, maxBytes: number): string => {
  if (maxBytes <= 0) return ''
  const bytes = Buffer.from(text)
  let end = Math.min(maxBytes, bytes.length)
  // 0b10xxxxxx continues a character: step back to where one begins.
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** What a thrown value says, in at most 200 characters; never throws. */
export const reasonOf = (thrown: unknown): string => {
  try {
    return (thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)).slice(0, 200)
  } catch {
    return 'no reason given'
  }
}
