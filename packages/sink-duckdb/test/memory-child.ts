/** Commits many epochs of bars, and prints the greatest resident memory of the process in bytes, and the rows. */
import { queryDuckdb } from '@millrace/sink-duckdb'
import { bar, barsTable, open, rowOf } from './support.js'

const [path = '', epochs = '0', rowsPerEpoch = '0'] = process.argv.slice(2)
const opened = await open([barsTable(path)])
const perEpoch = Number(rowsPerEpoch)
const changes = [new Uint8Array(500_000).fill(7)]
let most = 0
for (let epoch = 0; epoch < Number(epochs); epoch++) {
  const rows = Array.from({ length: perEpoch }, (_, k) => rowOf(bar(`S${k % 20}`, Math.floor((epoch * perEpoch + k) / 20)), `${epoch}-${k}`))
  await opened.commit({ bars: rows }, { header: epoch, reset: epoch % 10 === 0, changes, run: { id: 'one' } })
  most = Math.max(most, process.memoryUsage.rss())
}
await opened.close()
const [count] = await queryDuckdb(path, 'SELECT count(*) AS n FROM bars')
process.stdout.write(JSON.stringify({ most, rows: count?.['n'] }))
