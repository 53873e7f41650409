// What the samples of a market say.

const MB = 1e6

/** DuckDB's own limit, by default of the sink. */
const DUCKDB_BYTES = 128 * 1024 * 1024
/** Three segments of the journal: one that is written, one that waits for its checkpoint, one that is being removed. */
const JOURNAL_BYTES = 3 * 16 * 1024 * 1024
/**
 * In the second half of the hour some 720,000 trades pass: eight bytes for each, half of the smallest object there is. The line's own
 * uncertainty is about a megabyte and a half: thirty independent samples (one each collection) with a deviation of 2 or 3 MB.
 */
const RISE_BYTES = 6 * MB

/** The slope of the straight line that is nearest to the points, by least squares, and how far they lie from it: the standard deviation. */
export const fittedLine = (xs, ys) => {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  const slope = mean(xs.map((x, i) => (x - meanX) * (ys[i] - meanY))) / mean(xs.map((x) => (x - meanX) ** 2))
  const deviation = Math.sqrt(mean(ys.map((y, i) => (y - meanY - slope * (xs[i] - meanX)) ** 2)))
  return { slope, deviation }
}

/**
 * What the line through the samples rises in the second half, in bytes, without what DuckDB holds: that has a limit of its own, and is data.
 * In the first half code is compiled and buffers find their size.
 */
export const riseOf = (samples) => {
  const reading = samples.filter(({ phase }) => phase === 'reading')
  const half = reading.filter(({ minute }) => minute > reading.at(-1).minute / 2)
  if (half.length < 3) return { rise: NaN, deviation: NaN }
  const minutes = half.map(({ minute }) => minute)
  const { slope, deviation } = fittedLine(minutes, half.map(({ rssBytes, duckdbBytes }) => rssBytes - duckdbBytes))
  return { rise: slope * (minutes.at(-1) - minutes[0]), deviation }
}

const inMb = (bytes) => `${(bytes / MB).toFixed(1)} MB`

const atMost = (what, bytes, limit) => ({ ok: bytes <= limit, text: `${what} ${inMb(bytes)} (limit ${inMb(limit)})` })

const exactly = (what, found, expected) => ({
  ok: found === expected,
  text: `${what} ${found.toLocaleString('en-US')}${found === expected ? '' : `, expected ${expected.toLocaleString('en-US')}`}`,
})

const most = (samples, field) => samples.reduce((greatest, sample) => Math.max(greatest, sample[field] ?? 0), 0)

/**
 * Whether memory and journal stayed what they are, and all that was sent is in the file.
 * @returns {{ ok: boolean, text: string }[]}
 */
export const marketChecks = ({ samples, told: { counts, total } }, found) => {
  const { rise, deviation } = riseOf(samples)
  return [
    atMost(`what is resident beside DuckDB's rows rises in the second half, with a deviation of ${inMb(deviation)}, by`, rise, RISE_BYTES),
    atMost('DuckDB used at most', most(samples, 'duckdbBytes'), DUCKDB_BYTES),
    atMost('the journal had at most', most(samples, 'journalBytes'), JOURNAL_BYTES),
    exactly('frames', total.read, counts.messages),
    exactly('trades in bars', found.good, counts.trades),
    exactly('bars', found.bars, total.delivered.bars),
    exactly('dead letters', found.bad, counts.bad),
    exactly('unaccounted', total.unaccounted, 0),
  ]
}
