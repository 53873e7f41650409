import * as t from 'io-ts'

/** Most code points a symbol may have. */
export const MAX_SYMBOL_CODE_POINTS = 32

/** Letters, marks, numbers, punctuation, symbols and the plain space. What is left out: controls, separators, format characters, lone surrogates. */
const ALLOWED = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u

const SPACE = 0x20
const FIRST_VISIBLE_ASCII = 0x21
const LAST_VISIBLE_ASCII = 0x7e

/** Every visible ASCII character is a letter, number, punctuation or symbol: no regular expression is needed for real tickers. */
const isVisibleAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < FIRST_VISIBLE_ASCII || code > LAST_VISIBLE_ASCII) return false
  }
  return true
}

const countCodePoints = (text: string): number => {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const isLowSurrogate = code >= 0xdc00 && code <= 0xdfff
    if (!isLowSurrogate) count += 1
  }
  return count
}

/**
 * Whether a text can name what is traded: 1 to 32 code points of letters, marks, numbers, punctuation, symbols and the
 * plain space, which is neither first nor last. Emoji are fine; control characters, lone surrogates and joiners are not.
 */
export const isTradeSymbol = (text: string): boolean => {
  // A code point takes at most two units: longer texts need no closer look, whatever their length.
  if (text.length === 0 || text.length > 2 * MAX_SYMBOL_CODE_POINTS) return false
  if (isVisibleAscii(text)) return text.length <= MAX_SYMBOL_CODE_POINTS
  if (text.charCodeAt(0) === SPACE || text.charCodeAt(text.length - 1) === SPACE) return false
  return ALLOWED.test(text) && countCodePoints(text) <= MAX_SYMBOL_CODE_POINTS
}

/** What is traded. Kept as it is: no normalisation, no change of case. */
export const TradeSymbol = t.refinement(
  t.string,
  isTradeSymbol,
  'a symbol of 1 to 32 visible characters (no control characters, no space at either end)',
)
