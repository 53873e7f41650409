import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sinkConformance } from '@millrace/core/testing'
import { duckdbTable, integer32, queryDuckdb } from '@millrace/sink-duckdb'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const Item = t.type({ id: integer32, revision: t.Int, note: t.union([t.string, t.null]) })
interface Item { readonly id: number; readonly revision: number; readonly note: string | null }
const show = ({ id, revision, note }: Item): string => JSON.stringify([id, revision, note])

const test = suite('conformance')

const runner = {
  test: (name: string, run: () => Promise<void>) => test(name, run),
  skip: (name: string, reason: string) => { test.skip(name); console.log(`skipped: ${name} (${reason})`) },
  ok: (value: unknown, message: string) => assert.ok(value, message),
  equal: (actual: unknown, expected: unknown, message: string) => assert.equal(actual, expected, message),
}

sinkConformance<Item>(runner, {
  capabilities: { guarantee: 'exact', hosted: true, rejects: true, runs: true },
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-duckdb-'))
    const path = join(folder, 'items.duckdb')
    return {
      sink: () => duckdbTable<Item>({ path, table: 'items', codec: Item as never, key: ['id'] }),
      value: (id, revision = 0) => ({ id, revision, note: id % 2 === 0 ? null : `note ${id}` }),
      badValue: (id) => ({ id: id + 0.5, revision: 0, note: null }),
      // Both tables hold what was selected.
      received: async () => (await queryDuckdb(path, 'SELECT id, revision, note FROM items')).map((row) => show(row as unknown as Item)),
      show,
      close: async () => rmSync(folder, { recursive: true, force: true }),
    }
  },
})

test.run()
