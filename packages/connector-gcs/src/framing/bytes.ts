/** The bytes that framing looks for, by name. @internal */
export const TAB = 0x09
export const NEWLINE = 0x0a
export const RETURN = 0x0d
export const SPACE = 0x20
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_SQUARE = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_SQUARE = 0x5d
export const OPEN_CURLY = 0x7b
export const CLOSE_CURLY = 0x7d

/** What JSON calls whitespace; nothing else is blank. @internal */
export const isBlank = (byte: number | undefined): boolean =>
  byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB

/** How many blank bytes `bytes` ends with. @internal */
export const trailingBlanks = (bytes: Uint8Array): number => {
  let end = bytes.length
  while (end > 0 && isBlank(bytes[end - 1])) end--
  return bytes.length - end
}

/** Index of the next `byte` at or after `from`, or the length where there is none. @internal */
export const indexFrom = (bytes: Buffer, byte: number, from: number): number => {
  const found = bytes.indexOf(byte, from)
  return found < 0 ? bytes.length : found
}
