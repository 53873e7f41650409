// The race's input: trades as the Finnhub feed sends them, made from a fixed seed, and the bars that they must become.
// Usage: node tools/bench/race-input.mjs   (makes 2,000,000 trades in memory and checks them against the known sum)
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { mulberry32 } from './mulberry32.mjs'

/** Of the expected rows of 2,000,000 trades, as lines of `w,s,o,h,l,c,v,pv,n`. Every engine of the race must make them. */
export const knownSum = '6b05a3978970aac865292e1d4860919f46a4fa2cdbd824ca6ce119bf20e9b8b7'
export const knownCount = 2_000_000
export const windowMillis = 5_000
export const boundMillis = 3_000
export const spanMillis = 3_600_000

export const startMillis = 1_700_000_000_000
const symbols =
  'AAPL MSFT NVDA AMZN GOOGL META TSLA AVGO BRK.B JPM LLY V XOM UNH MA COST HD PG JNJ ABBV WMT NFLX BAC CRM ORCL CVX MRK KO AMD PEP ADBE TMO LIN ACN MCD CSCO ABT WFC IBM GE QCOM PM TXN CAT NOW DHR VZ DIS INTU AMGN'.split(' ')
const conditions = ['["1"]', '["1"]', '["1","12"]', '["1","8","24"]', '["1","12","37"]', '[]']

/** Eight ways in which one trade in a hundred is no trade. */
const malformed = [
  (s, p, v, t, c) => `{"s":"${s}","v":${v},"t":${t},"c":${c}}`,
  (s, p, v, t, c) => `{"s":"${s}","p":"${p}","v":${v},"t":${t},"c":${c}}`,
  (s, p, v, t, c) => `{"s":"${s}","p":-${p},"v":${v},"t":${t},"c":${c}}`,
  (s, p, v, t, c) => `{"s":"${s}","p":${p},"v":0,"t":${t},"c":${c}}`,
  (s, p, v, t, c) => `{"s":"","p":${p},"v":${v},"t":${t},"c":${c}}`,
  (s, p, v, t, c) => `{"s":"${s}","p":${p},"v":${v},"t":null,"c":${c}}`,
  (s, p, v, t, c) => `{"s":"${s}","p":${p},"v":${v},"t":${t},"c":"1"}`,
  (s, p, v, t, c) => `{"s":"${s}","p":${p},"v":${v},"t":${t}.5,"c":${c}}`,
]

const ping = '{"type":"ping"}'
const truncated = '{"type":"trade","data":[{"s":"AAPL","p":26'

/** A tenth of a percent of frames is followed by a ping, another by a frame that was cut off. */
const frameSizes = [1, 10, 50]

/** Text appended piece by piece: a million strings joined at the end need several times the memory. */
class Lines {
  #bytes = Buffer.allocUnsafe(1 << 20)
  #length = 0

  add(text) {
    while (this.#length + text.length + 1 > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2)
    this.#length += this.#bytes.latin1Write(`${text}\n`, this.#length)
  }

  get bytes() {
    return this.#bytes.subarray(0, this.#length)
  }
}

/** Frames of one size; what is wanted is kept, but all sizes draw from the same random numbers. */
class Frames {
  #trades = []
  #count = 0
  /** How many were cut off. */
  cut = 0

  constructor(size, kept) {
    this.size = size
    this.lines = kept ? new Lines() : undefined
  }

  add(trade, random) {
    if (this.lines !== undefined) this.#trades.push(trade)
    if (++this.#count < this.size) return
    this.lines?.add(`{"type":"trade","data":[${this.#trades.join(',')}]}`)
    this.#trades.length = this.#count = 0
    if (random() < 0.001) this.lines?.add(ping)
    if (random() < 0.001) {
      this.cut++
      this.lines?.add(truncated)
    }
  }
}

/** The bars in the plainest way there is. Nothing of the library is used: it is what the bars are judged by. */
class Expected {
  #bars = new Map()

  add(symbol, cents, volume, time) {
    const start = time - (time % windowMillis)
    const name = `${start}|${symbol}`
    let bar = this.#bars.get(name)
    if (bar === undefined) {
      bar = { w: start, s: symbol, o: cents, h: cents, l: cents, c: cents, v: 0, pv: 0, n: 0, first: time, last: time }
      this.#bars.set(name, bar)
    }
    bar.h = Math.max(bar.h, cents)
    bar.l = Math.min(bar.l, cents)
    if (time < bar.first) [bar.first, bar.o] = [time, cents]
    if (time >= bar.last) [bar.last, bar.c] = [time, cents]
    bar.v += volume
    bar.pv += cents * volume
    bar.n++
  }

  get rows() {
    return [...this.#bars.values()]
  }
}

/** The rows sorted by window and symbol, as text, and its sha256. */
export const sumOf = (rows) => {
  const sorted = [...rows].sort((a, b) => a.w - b.w || (a.s < b.s ? -1 : a.s > b.s ? 1 : 0))
  const text = sorted.map(({ w, s, o, h, l, c, v, pv, n }) => `${w},${s},${o},${h},${l},${c},${v},${pv},${n}\n`).join('')
  return createHash('sha256').update(text).digest('hex')
}

/** Symbols are as unlike in number of trades as on a real day (Zipf, 0.7). */
const symbolPicker = (random) => {
  let total = 0
  const upTo = symbols.map((_, i) => (total += 1 / (i + 1) ** 0.7))
  return () => {
    const drawn = random() * total
    return upTo.findIndex((weight, i) => !(weight < drawn) || i === upTo.length - 1)
  }
}

/** A free millisecond for this symbol near the wanted one: open and close need no tie-break. */
const freeTime = (taken, wanted, clock) => {
  let time = wanted
  while (taken.has(time) && time < clock) time++
  if (taken.has(time)) {
    time = wanted
    while (taken.has(time) && time > clock - boundMillis) time--
  }
  if (taken.has(time)) throw new Error(`no free millisecond near ${wanted}: too many trades`)
  taken.add(time)
  return time
}

const decimal = (cents) => (cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2).replace(/0$/, ''))

/**
 * Makes `count` trades. The order of the draws is part of the race: whoever changes it makes another input.
 * @param sizes - of the frames that are wanted: 1, 10, 50
 * @returns `frames` by size and bare `trades`, one a line; how many are good and bad, and how many frames of a size were cut
 * off; the sum of the expected rows
 */
export const makeRaceInput = (count, sizes) => {
  const random = mulberry32(0x9e3779b9)
  const cents = symbols.map((_, i) => 5_000 + i * 1_000 + Math.floor(random() * 500))
  const taken = symbols.map(() => new Set())
  const pick = symbolPicker(random)
  const frames = frameSizes.map((size) => new Frames(size, sizes.includes(size)))
  const trades = new Lines()
  const expected = new Expected()
  let bad = 0
  for (let i = 0; i < count; i++) {
    const k = pick()
    const price = (cents[k] = Math.max(100, cents[k] + Math.floor(random() * 21) - 10))
    const volume = random() < 0.4 ? 100 : 1 + Math.floor(random() * 400)
    const clock = startMillis + Math.floor((i * spanMillis) / count)
    const wanted = random() < 0.02 ? clock - 1 - Math.floor(random() * boundMillis) : clock
    const time = freeTime(taken[k], wanted, clock)
    const condition = conditions[Math.floor(random() * conditions.length)]
    let trade
    if (random() < 0.01) {
      bad++
      trade = malformed[Math.floor(random() * malformed.length)](symbols[k], decimal(price), volume, time, condition)
    } else {
      trade = `{"s":"${symbols[k]}","p":${decimal(price)},"v":${volume},"t":${time},"c":${condition}}`
      expected.add(symbols[k], price, volume, time)
    }
    trades.add(trade)
    for (const each of frames) each.add(trade, random)
  }
  const bySize = new Map(frames.flatMap(({ size, lines }) => (lines === undefined ? [] : [[size, lines.bytes]])))
  const cutFrames = new Map(frames.map(({ size, cut }) => [size, cut]))
  return { frames: bySize, trades: trades.bytes, good: count - bad, bad, cutFrames, rows: expected.rows.length, sum: sumOf(expected.rows) }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { good, bad, rows, sum } = makeRaceInput(knownCount, [])
  process.stdout.write(`${good} trades and ${bad} that are none make ${rows} bars; sha256 ${sum}: ${sum === knownSum ? 'as it must be' : `WRONG, expected ${knownSum}`}\n`)
  process.exitCode = sum === knownSum ? 0 : 1
}
