/** Longer than any message of an error: what is longer is not looked into. */
const LONGEST_ERROR_BYTES = 4_096

const openBrace = 0x7b
const d = 0x64
const e = 0x65

/** `{"data":…,"type":"trade"}`, as nearly every frame is: known by two bytes, without reading it. */
const looksLikeTrade = (frame: Buffer): boolean => frame[2] === d && frame[frame.length - 3] === e

const parse = (frame: Buffer): unknown => {
  try {
    return JSON.parse(frame.toString('utf8'))
  } catch {
    return undefined
  }
}

/** What an `error` frame says, or undefined if it is none. A frame of trades is never parsed for this. */
export const errorMessageOf = (frame: Buffer): string | undefined => {
  if (frame.length > LONGEST_ERROR_BYTES || frame[0] !== openBrace || looksLikeTrade(frame) || !frame.includes('"error"')) return undefined
  const value = parse(frame)
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'error') return undefined
  return 'msg' in value && typeof value.msg === 'string' ? value.msg : '(without a message)'
}

/** Finnhub's answer to one subscription too many; it does not say which. */
export const isTooManySymbols = (message: string): boolean => /too many symbols/i.test(message)
