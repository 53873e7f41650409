import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inFolder } from './support.js'

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

test.run()
