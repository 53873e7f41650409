import { byTurns, expectAll, median, runChild } from './children.mjs'
import { nanos } from './report.mjs'

const million = 1_000_000
const copies = 10

/** What the tenth million trades of one run costs against the second: the first is when what runs is compiled. */
export const compareGrowth = ({ framesFile }) => {
  const { growth } = byTurns(3, { growth: () => runChild('growth', [framesFile, copies]) })
  const [{ aggregated, deadLetters, v, pv }] = growth
  expectAll('ten millions', growth, { aggregated, n: aggregated, deadLetters, v, pv, unaccounted: 0 })
  for (const { costs } of growth) if (costs.length !== copies) throw new Error(`ten millions: ${costs.length} were seen`)
  const cost = (index) => median(growth.map(({ costs }) => costs[index]))
  return {
    name: 'one more trade after 9 million / after 1 million, 50 keys',
    ratio: median(growth.map(({ costs }) => costs[copies - 1] / costs[1])),
    limit: 1.15,
    from: [`a trade: ${nanos(cost(copies - 1), million)} and ${nanos(cost(1), million)}`],
  }
}
