import { byTurns, expectAll, median, medianRatio, runChild } from './children.mjs'
import { knownCount, knownSum } from './race-input.mjs'
import { nanos } from './report.mjs'

/** Frames in memory to bars, with all that the library promises on the way, against JSON.parse of the frames alone. */
export const compareFrames = ({ framesFile, rows, deadLetters }) => {
  const found = byTurns(5, {
    parse: () => runChild('parse', [framesFile]),
    bars: () => runChild('bars', [framesFile]),
  })
  expectAll('frames to bars', found.bars, { rows: 2 * rows, deadLetters: 2 * deadLetters, sums: `${knownSum},${knownSum}`, unaccounted: 0 })
  const costs = (name, pass) => found[name].map((result) => result.costs[pass])
  const cost = (name, pass) => median(costs(name, pass))
  return {
    name: 'frames of 10 trades in memory → bars and dead letters / JSON.parse alone',
    ratio: medianRatio(costs('bars', 1), costs('parse', 1)),
    limit: 1.8,
    from: [
      `one more trade, after 2 million: ${nanos(cost('bars', 1), knownCount)} and ${nanos(cost('parse', 1), knownCount)}`,
      `each of the 2 million before, with all that V8 compiles: ${nanos(cost('bars', 0), knownCount)} and ${nanos(cost('parse', 0), knownCount)} (${(cost('bars', 0) / cost('parse', 0)).toFixed(2)})`,
    ],
  }
}
