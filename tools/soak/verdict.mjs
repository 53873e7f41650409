// What a run's samples say.

const GB = 1e9

/** The samples by what had been read when they were taken, in tenths of it, and those of the firing at the end. */
export const rowsOf = (samples, partBytes) => {
  const rows = new Map()
  for (const sample of samples) {
    const { jsonBytes = 0, phase = 'starting', rssBytes } = sample
    const part = phase === 'reading' ? Math.floor(jsonBytes / partBytes) : phase
    const row = rows.get(part) ?? { part, least: Infinity, most: 0, sum: 0, count: 0, heapBytes: 0, outsideBytes: 0 }
    row.least = Math.min(row.least, rssBytes)
    row.most = Math.max(row.most, rssBytes)
    row.sum += rssBytes
    row.count++
    row.heapBytes = Math.max(row.heapBytes, sample.heapTotal ?? 0)
    row.outsideBytes = Math.max(row.outsideBytes, sample.external ?? 0)
    rows.set(part, row)
  }
  return [...rows.values()]
}

const mostWhile = (samples, from, to) =>
  samples.reduce((most, { jsonBytes = 0, phase, rssBytes }) => (phase === 'reading' && jsonBytes >= from && jsonBytes < to ? Math.max(most, rssBytes) : most), 0)

/** How much more was resident at most in the last GB than in the first (in a short run: the last tenth, and the first). */
export const growthOf = (samples, jsonBytes) => {
  const part = Math.min(GB, jsonBytes / 10)
  return mostWhile(samples, jsonBytes - part, Infinity) - mostWhile(samples, 0, part)
}

export const peakOf = (samples) => samples.reduce((most, { highBytes }) => Math.max(most, highBytes), 0)
