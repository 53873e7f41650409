/** Commits epochs until it is killed: epoch k brings one new row for each of three symbols, some dead letters, and header k. */
import { bar, barsTable, deadLetter, letters, open, rowOf } from './support.js'

const [path = ''] = process.argv.slice(2)
const opened = await open([barsTable(path), letters(path)])
const header = (await opened.host.readCheckpoint('p'))?.header
let epoch = typeof header === 'number' ? header : 0
const changes = [new Uint8Array(50_000).fill(7)]

for (;;) {
  epoch += 1
  const bars = ['A', 'B', 'C'].map((symbol) => rowOf(bar(symbol, epoch, epoch)))
  // Every other epoch overwrites the row of the first one.
  if (epoch % 2 === 0) bars.push(rowOf(bar('first', 0, epoch)))
  await opened.commit(
    { bars, dead_letters: [rowOf(deadLetter(`d${epoch}`, { payload_text: 'x'.repeat(2_000) }))] },
    { header: epoch, reset: epoch % 20 === 0, changes, run: { id: 'one' } },
  )
  process.stdout.write(`${epoch}\n`)
}
