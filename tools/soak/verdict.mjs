// What the samples of a run say.

const GB = 1e9
const MB = 1e6

/** Tells of each part of what is read, and of each phase after it, as soon as it is over. */
export class Parts {
  #row
  constructor(partBytes, tell) {
    this.partBytes = partBytes
    this.tell = tell
  }

  add({ jsonBytes = 0, phase = 'starting', rssBytes, heapTotal = 0, external = 0 }) {
    const part = phase === 'reading' ? Math.floor(jsonBytes / this.partBytes) : phase
    if (this.#row?.part !== part) {
      this.end()
      this.#row = { part, least: Infinity, most: 0, sum: 0, count: 0, heapBytes: 0, outsideBytes: 0 }
    }
    const row = this.#row
    row.least = Math.min(row.least, rssBytes)
    row.most = Math.max(row.most, rssBytes)
    row.sum += rssBytes
    row.count++
    row.heapBytes = Math.max(row.heapBytes, heapTotal)
    row.outsideBytes = Math.max(row.outsideBytes, external)
  }

  end() {
    if (this.#row !== undefined) this.tell(this.#row)
    this.#row = undefined
  }
}

const mostWhile = (samples, from, to) =>
  samples.reduce((most, { jsonBytes = 0, phase, rssBytes }) => (phase === 'reading' && jsonBytes >= from && jsonBytes < to ? Math.max(most, rssBytes) : most), 0)

/** How much more was resident at most in the last GB than in the first (in a short run: the last tenth, and the first). */
export const growthOf = (samples, jsonBytes) => {
  const part = Math.min(GB, jsonBytes / 10)
  const first = mostWhile(samples, 0, part)
  const last = mostWhile(samples, jsonBytes - part, Infinity)
  return first > 0 && last > 0 ? last - first : NaN
}

const peakOf = (samples) => samples.reduce((most, { highBytes }) => Math.max(most, highBytes), 0)

const atMost = (what, bytes, limit) => ({
  ok: limit === undefined || bytes <= limit,
  text: `${what} ${(bytes / MB).toFixed(0)} MB${limit === undefined ? '' : ` (limit ${limit / MB} MB)`}`,
})

const exactly = (what, found, expected) => ({
  ok: found === expected,
  text: `${what} ${found.toLocaleString('en-US')}${found === expected ? '' : `, expected ${expected.toLocaleString('en-US')}`}`,
})

/**
 * The limits of a scenario, and whether all that should be in the file is there.
 * @returns {{ ok: boolean, text: string }[]}
 */
export const checksOf = ({ peakBytes, growthBytes }, { samples, told }, found) => [
  // The child's own figure sees also what happens between two samples.
  atMost('peak', Math.max(peakOf(samples), told.peakBytes), peakBytes),
  ...(growthBytes === undefined ? [] : [atMost('growth from the first GB to the last', growthOf(samples, told.jsonBytes), growthBytes)]),
  ...Object.entries(told.expected).map(([name, count]) => exactly(name, found[name], count)),
  exactly('unaccounted', told.unaccounted, 0),
]
