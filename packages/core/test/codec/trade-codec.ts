import * as t from 'io-ts'

const SYMBOL = /^[\p{L}\p{M}\p{N}\p{P}\p{S}](?:[\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,30}[\p{L}\p{M}\p{N}\p{P}\p{S}])?$/u

/** Refined the way that users refine: the name of a codec is what a reason says. */
const Trade = t.intersection([
  t.type({
    s: t.refinement(t.string, (s) => SYMBOL.test(s), 'a symbol of 1 to 32 characters'),
    p: t.refinement(t.number, (p) => p > 0 && p <= 1e12, 'a number > 0 and at most 1e12'),
    v: t.refinement(t.number, (v) => v >= 0 && v <= 1e15, 'a number from 0 to 1e15'),
    t: t.refinement(t.number, (at) => Number.isInteger(at) && at >= 1e12, 'whole Unix milliseconds from 1e12'),
  }),
  t.partial({ c: t.union([t.array(t.string), t.null]) }),
])
const OWN = ['s', 'p', 'v', 't'] as const

/** The same, and only of own properties. */
const OwnTrade = t.refinement(Trade, (trade) => OWN.every((key) => Object.hasOwn(trade, key)), 'a trade with fields of its own')

export { OwnTrade, Trade }
