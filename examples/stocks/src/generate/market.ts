/** Midnight UTC of the day that is played: Thursday, 12 September 2024 (New York was UTC-4). */
export const DAY_START_MILLIS = Date.UTC(2024, 8, 12)

/** The day is laid out in steps of five minutes, each with its own share of the trades. */
export const SLOT_MILLIS = 300_000

const SLOTS_PER_HOUR = 12
const OPEN_SLOT = 13.5 * SLOTS_PER_HOUR
const CLOSE_SLOT = 20 * SLOTS_PER_HOUR

/** Prices are invented; the names only make the tables easy to read. */
export const SYMBOLS: readonly { readonly name: string; readonly cents: number }[] = [
  { name: 'AAPL', cents: 22_277 }, { name: 'NVDA', cents: 11_914 }, { name: 'MSFT', cents: 42_700 }, { name: 'TSLA', cents: 22_981 },
  { name: 'AMZN', cents: 18_707 }, { name: 'META', cents: 52_548 }, { name: 'GOOGL', cents: 15_453 }, { name: 'AMD', cents: 15_077 },
  { name: 'NFLX', cents: 68_742 }, { name: 'INTC', cents: 1_947 }, { name: 'JPM', cents: 20_583 }, { name: 'BAC', cents: 3_851 },
  { name: 'XOM', cents: 10_987 }, { name: 'KO', cents: 7_105 }, { name: 'WMT', cents: 7_941 }, { name: 'DIS', cents: 8_916 },
  { name: 'IBM', cents: 21_180 }, { name: 'ORCL', cents: 16_130 }, { name: 'BRK.B', cents: 44_780 }, { name: 'F', cents: 1_056 },
]

/** Hours of one file of a symbol, UTC: quiet hours share a file, the opening and closing hours have their own. */
export const SEGMENTS: readonly { readonly fromHour: number; readonly toHour: number }[] = [
  { fromHour: 8, toHour: 13 }, { fromHour: 13, toHour: 14 }, { fromHour: 14, toHour: 16 },
  { fromHour: 16, toHour: 19 }, { fromHour: 19, toHour: 20 }, { fromHour: 20, toHour: 24 },
]

/** How busy a step of five minutes is: thin before the opening, a burst at it, a trough at noon, a burst at the close, a tail. */
const slotWeight = (slot: number): number => {
  if (slot < OPEN_SLOT) return 0.03 + 0.25 * (slot / OPEN_SLOT) ** 8
  if (slot >= CLOSE_SLOT) return 0.4 * Math.exp((CLOSE_SLOT - slot) / 6)
  const noon = (slot - OPEN_SLOT) / (CLOSE_SLOT - OPEN_SLOT) - 0.5
  const lastSlot = slot === CLOSE_SLOT - 1 ? 8 : 0
  return 0.6 + 3 * noon * noon + 7 * Math.exp((OPEN_SLOT - slot) / 2) + lastSlot
}

const slotsOf = ({ fromHour, toHour }: { readonly fromHour: number; readonly toHour: number }): readonly number[] =>
  Array.from({ length: (toHour - fromHour) * SLOTS_PER_HOUR }, (_, i) => fromHour * SLOTS_PER_HOUR + i)

const symbolWeight = (rank: number): number => (rank + 1) ** -0.7

const total = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0)
const DAY_WEIGHT = total(SEGMENTS.flatMap((segment) => slotsOf(segment).map(slotWeight)))
const ALL_SYMBOLS_WEIGHT = total(SYMBOLS.map((_, rank) => symbolWeight(rank)))

/** One step of a file: when it starts, and how many trades happen in it. */
export interface Slot {
  readonly startMillis: number
  readonly trades: number
}

/** How the trades of one file are spread over its time, when the whole day has `trades` of them. */
export const slotsOfFile = (trades: number, rank: number, segment: (typeof SEGMENTS)[number]): readonly Slot[] => {
  const perWeight = (trades * symbolWeight(rank)) / ALL_SYMBOLS_WEIGHT / DAY_WEIGHT
  let owed = 0
  return slotsOf(segment).map((slot) => {
    owed += perWeight * slotWeight(slot)
    const due = Math.floor(owed)
    owed -= due
    return { startMillis: DAY_START_MILLIS + slot * SLOT_MILLIS, trades: due }
  })
}
