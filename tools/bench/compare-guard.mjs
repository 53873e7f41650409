import { byTurns, expectAll, median, medianRatio, runChild } from './children.mjs'
import { nanos } from './report.mjs'

/** The compiled guard against io-ts's decode, on parsed trades of which one in a hundred is bad. */
export const compareGuard = ({ tradesFile }) => {
  const found = byTurns(5, {
    guard: () => runChild('guard', ['guard', tradesFile]),
    decode: () => runChild('guard', ['decode', tradesFile]),
  })
  const [{ judged, good }] = found.decode
  expectAll('the guard and io-ts', [...found.guard, ...found.decode], { good, same: true })
  const [guard, decode] = [found.guard, found.decode].map((results) => results.map(({ cpuMicros }) => cpuMicros))
  return {
    name: 'guard compiled from the codec / io-ts decode',
    ratio: medianRatio(guard, decode),
    limit: 0.2,
    from: [`a trade: ${nanos(median(guard), judged)} and ${nanos(median(decode), judged)}`],
  }
}
