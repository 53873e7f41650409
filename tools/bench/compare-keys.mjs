import { byTurns, expectAll, median, medianRatio, runChild } from './children.mjs'
import { nanos } from './report.mjs'

const trades = 1_000_000
/** A bar of the race has 55 trades; of ten thousand symbols few trade so often. */
const tradesABar = 20

/** What is not parsing, with ten thousand keys against ten. */
export const compareKeys = () => {
  const run = (what, keys) => () => runChild('keys', [what, keys, trades, tradesABar])
  const found = byTurns(5, {
    fewParse: run('parse', 10),
    few: run('bars', 10),
    manyParse: run('parse', 10_000),
    many: run('bars', 10_000),
  })
  expectAll('few and many keys', [...found.few, ...found.many], { right: true, unaccounted: 0, deadLetters: 0 })
  const costs = (name) => found[name].map((result, round) => result.costs[1] - found[`${name}Parse`][round].costs[1])
  const [few, many] = [costs('few'), costs('many')]
  return {
    name: 'cost without parsing, 10,000 keys / 10 keys, equal trades a bar',
    ratio: medianRatio(many, few),
    limit: 2,
    from: [`one more trade, after a million: ${nanos(median(many), trades)} and ${nanos(median(few), trades)}`],
  }
}
