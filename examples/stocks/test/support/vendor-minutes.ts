/** What the rules look at. */
export interface TickOfVendor {
  readonly p: number
  readonly v: number
  readonly t: number
  readonly c?: readonly string[] | null | undefined
}

/** A vendor's minute bar. */
export interface Minute {
  readonly symbol: string
  readonly start: number
  open: number | undefined
  high: number
  low: number
  close: number
  volume: number
}

const MINUTE = 60_000
// New York on 7 October 2013: UTC-4.
const OPENING_MINUTE = Date.UTC(2013, 9, 7, 13, 30)
const LAST_MINUTE = Date.UTC(2013, 9, 7, 19, 59)

interface Effect {
  readonly minute: number
  readonly volume: number
  readonly open: boolean
  readonly prices: boolean
}

const isPriced = (has: (code: number) => boolean): boolean =>
  !has(99) && (has(14) || !(has(6) || (has(30) && !has(1) && !has(2) && !has(3))))

/** What one trade does to which minute by the vendor's rules; `undefined`: nothing. The data's own page numbers them 1 to 6. */
const effectOf = (trade: TickOfVendor, seen: { opening: boolean; closing: boolean }): Effect | undefined => {
  const has = (code: number): boolean => trade.c?.includes(String(code)) ?? false
  const minute = trade.t - (trade.t % MINUTE)
  if (has(27)) return undefined
  if (has(25)) return has(1) ? { minute: LAST_MINUTE, volume: 0, open: false, prices: true } : undefined
  if ((has(7) || has(8)) && has(22)) return undefined
  if (has(8)) {
    if (seen.closing) return undefined
    seen.closing = true
    return { minute: LAST_MINUTE, volume: trade.v, open: false, prices: true }
  }
  if (has(7)) {
    if (seen.opening) return undefined
    seen.opening = true
    return minute === OPENING_MINUTE ? { minute, volume: trade.v, open: true, prices: true } : undefined
  }
  return { minute, volume: trade.v, open: false, prices: isPriced(has) }
}

const addPrice = (bar: Minute, price: number, isOpening: boolean): void => {
  if (isOpening || bar.open === undefined) bar.open = price
  bar.high = Math.max(bar.high, price)
  bar.low = Math.min(bar.low, price)
  bar.close = price
}

/** The vendor's minute bars of one symbol, from its trades in order. */
export const vendorMinutes = (symbol: string, trades: readonly TickOfVendor[]): readonly Minute[] => {
  const minutes = new Map<number, Minute>()
  const seen = { opening: false, closing: false }
  for (const trade of trades) {
    const effect = effectOf(trade, seen)
    if (effect === undefined) continue
    const bar = minutes.get(effect.minute) ?? { symbol, start: effect.minute, open: undefined, high: -Infinity, low: Infinity, close: NaN, volume: 0 }
    minutes.set(effect.minute, bar)
    bar.volume += effect.volume
    if (effect.prices) addPrice(bar, trade.p, effect.open)
  }
  return withoutUnpriced([...minutes.values()].sort((a, b) => a.start - b.start))
}

/** The volume of a minute that has no price goes to the bar before it. */
const withoutUnpriced = (minutes: readonly Minute[]): readonly Minute[] => {
  const priced: Minute[] = []
  for (const minute of minutes) {
    const last = priced.at(-1)
    if (minute.open !== undefined) priced.push(minute)
    else if (last !== undefined) last.volume += minute.volume
  }
  return priced
}
