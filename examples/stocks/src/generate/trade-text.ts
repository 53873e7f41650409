import { SLOT_MILLIS, type Slot } from './market.js'
import type { Random } from './random.js'

/** One generated trade: what the counts need, and the JSON that is written. */
export interface TradeText {
  readonly millis: number
  readonly volume: number
  readonly json: string
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'))
const CONDITIONS = ['"c":["1"],', '"c":["1","6"],', '"c":["14"],', '"c":null,', '', '"c":[],']

/** Trades that look wrong and are not: odd and repeated keys, fields that nobody asked for. */
const ODD_FIELDS = [
  '"__proto__":{"p":-1},', '"constructor":{"prototype":null},', '"p":"the last one wins",', '"note":{"deep":[[[[[{"er":[]}]]]]]},',
  '"hasOwnProperty":1,', '"":0,',
]

const pick = <A>(items: readonly A[], random: Random): A => {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('Nothing to pick from.')
  return item
}

const volumeOf = (random: Random): number => {
  const draw = random()
  if (draw < 0.01) return 0
  if (draw < 0.02) return 0.001 * Math.ceil(random() * 999)
  if (draw < 0.4) return Math.ceil(random() * 99)
  return 100 * Math.ceil(random() ** 4 * 40)
}

/** A random walk of one symbol's price. It lives as long as the symbol's day, so that a file opens where the last one closed. */
export interface Walk {
  readonly symbol: string
  cents: number
}

const nextCents = (walk: Walk, random: Random): number => {
  const draw = random()
  if (draw < 0.3) walk.cents += draw < 0.15 ? 1 : -1
  walk.cents = Math.max(100, walk.cents)
  return walk.cents + Math.floor(random() * 3) - 1
}

/** Three trades in ten share their millisecond with the one before; one in a hundred is reported up to two seconds late. */
const nextMillis = (last: number, endMillis: number, left: number, random: Random): number => {
  if (random() < 0.29) return last
  const meanGap = (endMillis - last) / (left + 1) / 0.71
  return Math.min(endMillis - 1, Math.floor(last - Math.log(1 - random()) * meanGap))
}

const reportedMillis = (millis: number, startMillis: number, random: Random): number =>
  random() < 0.01 ? Math.max(startMillis, millis - Math.floor(random() * 2_000)) : millis

const textOf = (walk: Walk, millis: number, volume: number, random: Random): string => {
  const cents = nextCents(walk, random)
  const draw = random()
  const odd = draw < 0.001 ? pick(ODD_FIELDS, random) : ''
  const conditions = draw < 0.7 ? '"c":["1"],' : pick(CONDITIONS, random)
  return `{${odd}${conditions}"p":${Math.floor(cents / 100)}.${TWO_DIGITS[cents % 100]},"s":"${walk.symbol}","t":${millis},"v":${volume}}`
}

/** The trades of one step of five minutes, about in time order. Every character is ASCII. */
export function* tradesOfSlot(walk: Walk, slot: Slot, random: Random): Generator<TradeText, void> {
  const endMillis = slot.startMillis + SLOT_MILLIS
  let last = slot.startMillis
  for (let left = slot.trades; left > 0; left--) {
    last = nextMillis(last, endMillis, left, random)
    const millis = reportedMillis(last, slot.startMillis, random)
    const volume = volumeOf(random)
    yield { millis, volume, json: textOf(walk, millis, volume, random) }
  }
}
