// Trades of as many symbols as wanted, the same number of each in every window.
import { mulberry32 } from './mulberry32.mjs'
import { startMillis, windowMillis } from './race-input.mjs'

const tradesAFrame = 10

/** A number without a common factor with `count`: counting on by it visits all of `count` numbers in no plain order. */
const strideOf = (count) => {
  const common = (a, b) => (b === 0 ? a : common(b, a % b))
  let stride = Math.floor(count * 0.618) | 1
  while (common(count, stride) !== 1) stride += 2
  return stride
}

/** @returns the frames as lines, how long they take, and what their bars add up to */
export const makeKeyedInput = ({ keys, trades, tradesABar }) => {
  const random = mulberry32(keys)
  const names = Array.from({ length: keys }, (_, i) => `K${String(i).padStart(5, '0')}`)
  const perWindow = keys * tradesABar
  const stride = strideOf(perWindow)
  const lines = []
  const sums = { rows: (trades / perWindow) * keys, n: trades, v: 0, pv: 0 }
  let frame = []
  for (let i = 0; i < trades; i++) {
    const place = i % perWindow
    const windowStart = startMillis + Math.floor(i / perWindow) * windowMillis
    const name = names[((place * stride) % perWindow) % keys]
    const cents = 5_000 + Math.floor(random() * 1_000)
    const volume = 1 + Math.floor(random() * 400)
    sums.v += volume
    sums.pv += cents * volume
    frame.push(`{"s":"${name}","p":${cents / 100},"v":${volume},"t":${windowStart + Math.floor((place * windowMillis) / perWindow)},"c":["1"]}`)
    if (frame.length < tradesAFrame) continue
    lines.push(`{"type":"trade","data":[${frame.join(',')}]}\n`)
    frame = []
  }
  return { buffer: Buffer.from(lines.join(''), 'latin1'), spanMillis: (trades / perWindow) * windowMillis, sums }
}
