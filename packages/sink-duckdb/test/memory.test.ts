import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { duckdbTable, queryDuckdb } from '@millrace/sink-duckdb'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inFolder, open, rowOf } from './support.js'

const test = suite('memory')

test('half a million bars in epochs of 10,000 take less than 280 MB of the process, Node and DuckDB included', () =>
  inFolder((folder) => {
    const child = fileURLToPath(new URL('memory-child.js', import.meta.url))
    const output = execFileSync(process.execPath, [child, join(folder, 'a.duckdb'), '50', '10000'], { encoding: 'utf8' })
    // What the child printed.
    const { most, rows } = JSON.parse(output) as { readonly most: number; readonly rows: number }
    assert.is(rows, 500_000)
    // Measured: 180 to 230 MB, of which 100 are Node and DuckDB's code.
    assert.ok(most < 280e6, `${most} bytes`)
    return Promise.resolve()
  }),
)

test('an index that does not fit into the memory limit does not stop the pipeline', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const codec = t.type({ id: t.string })
    const opened = await open([duckdbTable({ path, table: 'ids', codec, key: ['id'], stamp: false, memoryLimit: '24MB' })])
    let seed = 1
    const random = (): string => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed.toString(36)
    }
    for (let epoch = 0; epoch < 12; epoch++) {
      const rows = Array.from({ length: 20_000 }, (_, k) => rowOf({ id: `${random()}-${random()}-${random()}-${random()}-${epoch}-${k}` }))
      await opened.commit({ ids: rows }, { header: epoch })
    }
    await opened.close()
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n, count(DISTINCT id) AS ids FROM ids'), [{ n: 240_000, ids: 240_000 }])
  }),
)

test.run()
