import { appendFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { acquire, type Lease } from '#src/database.js'
import { Renewal } from '#src/renewal.js'
import { bar, barsTable, inFolder, open, type Opened, refusalOf, rowOf } from './support.js'

const test = suite('renewal of a file')

test('is due when the file has grown, is put off while it is asked but not for ever, and not while there is a log', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a')
    writeFileSync(path, 'x'.repeat(50))
    const renewal = new Renewal(path, 100)
    const due = (): readonly boolean[] => [renewal.isDue(false), renewal.isDue(true)]
    assert.equal(due(), [false, false])
    appendFileSync(path, 'x'.repeat(100))
    assert.equal(due(), [true, false])
    appendFileSync(path, 'x'.repeat(100))
    assert.equal(due(), [true, true])
    writeFileSync(`${path}.wal`, 'x')
    assert.equal(due(), [false, false])
    writeFileSync(`${path}.wal`, '')
    renewal.done()
    assert.equal(due(), [false, false])
  }),
)

test('is not due, and no error, where the file cannot be looked at', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'loop')
    symlinkSync(path, path)
    assert.is(new Renewal(path, 1).isDue(false), false)
  }),
)

/** A file that is renewed after every commit: each one is written out, and none is too small. */
const renewing = async (path: string, renewWaitMillis = 60_000): Promise<Lease> => {
  const lease = await acquire(path, { memoryLimit: '64MB', renewAfterBytes: -Infinity, renewWaitMillis })
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
  for (const end = Date.now() + 60_000; (await attachment(lease)) !== undefined; ) assert.ok(Date.now() < end, 'it is never detached')
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
      ['DatabaseChanged', 60_000, (end: () => void): void => (utimesSync(path, 1, 1), end())],
      // DuckDB has it open already, and goes on having it.
      ['DatabaseTaken', 500, (): void => undefined],
    ] as const
    for (const [tag, waitMillis, meanwhile] of cases) {
      const lease = await renewing(path, waitMillis)
      const opened = await commitBlocked(path, lease, meanwhile)
      // Whatever is tried says why it cannot be.
      const attempts = [() => opened.commit({ bars: [rowOf(bar('A', 2))] }), () => opened.host.readCheckpoint('p'), () => queryDuckdb(path, 'FROM bars'), () => open([barsTable(path)], 'q')]
      for (const attempt of attempts) assert.is((await refusalOf(attempt))._tag, tag)
      await opened.close()
      await lease.release()
      assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }], tag)
    }
  }),
)

test.run()
