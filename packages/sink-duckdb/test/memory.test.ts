import { execFileSync } from 'node:child_process'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { duckdbTable, queryDuckdb } from '@millrace/sink-duckdb'
import * as t from 'io-ts'
import { acquire, type Lease } from '#src/database.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bar, barsTable, inFolder, open, type Opened, refusalOf, rowOf } from './support.js'

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

/** A file that is renewed after every commit: each one is written out, and none is too small. */
const renewing = async (path: string): Promise<Lease> => {
  const lease = await acquire(path, { memoryLimit: '64MB', renewAfterBytes: -Infinity })
  await lease.database.connection.run("SET GLOBAL wal_autocheckpoint = '1KB'")
  return lease
}

/** DuckDB gives a file another number each time it is attached; undefined while it is not. */
const attachment = async ({ database }: Lease): Promise<unknown> => {
  const connection = await database.instance.connect()
  try {
    return (await connection.runAndReadAll("SELECT database_oid FROM duckdb_databases() WHERE database_name = 'millrace_file'")).getRowsJS()[0]?.[0]
  } finally {
    connection.disconnectSync()
  }
}

test('a file that has grown is attached anew between two commits, and nobody in the process notices', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const lease = await renewing(path)
    const p = await open([barsTable(path)], 'p')
    const before = await attachment(lease)
    for (let k = 0; k < 30; k++) {
      const asked = [queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), queryDuckdb(path, 'SELECT max(close) AS n FROM bars')]
      const q = await open([barsTable(path)], 'q')
      await Promise.all([
        p.commit({ bars: [rowOf(bar('P', k)), rowOf(bar('P', 0, k))] }, { header: k }), q.commit({ bars: [rowOf(bar('Q', k))] }), ...asked,
      ])
      await p.commit({ bars: [rowOf(bar('P', k))] }, { header: k })
      await q.close()
    }
    assert.is.not(await attachment(lease), before)
    assert.is((await p.host.readCheckpoint('p'))?.header, 29)
    await p.close()
    assert.is(lease.database.broken, undefined)
    await lease.release()
    assert.equal(await queryDuckdb(path, 'SELECT symbol, count(*) AS n FROM bars GROUP BY ALL ORDER BY ALL'), [{ symbol: 'P', n: 30 }, { symbol: 'Q', n: 30 }])
  }),
)

/** Commits while a transaction keeps the detached file from being attached; `meanwhile` is called once it is away, and ends that. */
const commitBlocked = async (path: string, lease: Lease, meanwhile: (end: () => void) => void): Promise<Opened> => {
  const opened = await open([barsTable(path)])
  const blocker = await lease.database.instance.connect()
  await blocker.run('BEGIN')
  await blocker.run('SELECT count(*) FROM millrace_file.bars')
  const committed = opened.commit({ bars: [rowOf(bar('A', 1))] })
  while ((await attachment(lease)) !== undefined);
  // A connection may see that it is away before those that wait for it know.
  for (let k = 0; k < 50; k++) await attachment(lease)
  meanwhile(() => blocker.disconnectSync())
  await committed
  return opened
}

test('a file that is held while it is detached is waited for', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const lease = await renewing(path)
    const opened = await commitBlocked(path, lease, (end) => end())
    await opened.commit({ bars: [rowOf(bar('A', 2))] })
    await opened.close()
    await lease.release()
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 2 }])
  }),
)

test('a file that was written into while it was detached, or cannot be attached again, is not used until it is opened anew', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const cases = [
      ['DatabaseChanged', (end: () => void): void => (utimesSync(path, 1, 1), end())],
      // DuckDB has it open already.
      ['Statement', (): void => undefined],
    ] as const
    for (const [tag, meanwhile] of cases) {
      const lease = await renewing(path)
      const opened = await commitBlocked(path, lease, meanwhile)
      assert.is((await refusalOf(() => opened.commit({ bars: [rowOf(bar('A', 2))] })))._tag, tag)
      await opened.close()
      await lease.release()
      assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }], tag)
    }
  }),
)

test.run()
