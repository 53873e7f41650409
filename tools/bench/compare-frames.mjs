import { byTurns, expectAll, median, runChild } from './children.mjs'
import { knownCount, knownSum } from './race-input.mjs'
import { nanos } from './report.mjs'

/** Frames in memory to bars, with all that the library promises on the way, against JSON.parse of the frames alone. */
export const compareFrames = ({ framesFile, rows, deadLetters }) => {
  const found = byTurns(7, {
    parse: () => runChild('parse', [framesFile]),
    bars: () => runChild('bars', [framesFile]),
  })
  expectAll('frames to bars', found.bars, { rows, deadLetters, sum: knownSum, unaccounted: 0 })
  const [parse, bars] = [found.parse, found.bars].map((results) => median(results.map(({ cpuMicros }) => cpuMicros)))
  const [parseWhole, barsWhole] = [found.parse, found.bars].map((results) => median(results.map(({ wholeMicros }) => wholeMicros)))
  const trades = knownCount * 0.75
  return {
    name: 'frames of 10 trades in memory → bars and dead letters / JSON.parse alone',
    ratio: bars / parse,
    limit: 1.8,
    from: [
      `a trade, once what runs has been compiled (after the first quarter): ${nanos(bars, trades)} and ${nanos(parse, trades)}`,
      `from a cold start, over two million trades: ${nanos(barsWhole, knownCount)} and ${nanos(parseWhole, knownCount)} (${(barsWhole / parseWhole).toFixed(2)})`,
    ],
  }
}
