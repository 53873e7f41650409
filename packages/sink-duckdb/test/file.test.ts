import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bar, barsTable, inFolder, letters, open, refusalOf, rowOf } from './support.js'

const test = suite('file')
const isRoot = process.getuid?.() === 0

/** Another process that commits epochs to the file. */
const writer = (path: string): ChildProcessByStdio<null, Readable, null> => {
  const script = fileURLToPath(new URL('crash-child.js', import.meta.url))
  return spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
}

const symbols = async (path: string): Promise<unknown> =>
  (await queryDuckdb(path, 'SELECT DISTINCT symbol FROM bars ORDER BY ALL')).map((row) => row['symbol'])

test('one file is one store, whatever the spelling', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    symlinkSync('a.duckdb', join(folder, 'link.duckdb'))
    mkdirSync(join(folder, 'sub'))
    const spellings = [path, relative(process.cwd(), path), join(folder, 'sub', '..', 'a.duckdb'), join(folder, 'link.duckdb')]
    const ids = () => new Set(spellings.map((spelling) => barsTable(spelling).store?.id))
    assert.is(ids().size, 1, 'before it exists')
    await (await open([barsTable(path)])).close()
    linkSync(path, join(folder, 'hard.duckdb'))
    spellings.push(join(folder, 'hard.duckdb'))
    assert.is(ids().size, 1, 'when it exists')
    const { dev, ino } = statSync(path)
    assert.equal([...ids()], [`${dev}:${ino}`])
    assert.is.not(barsTable(join(folder, 'b.duckdb')).store?.id, barsTable(path).store?.id)
  }),
)

test('two pipelines of one process share the file, through a link as well, and both keep all rows', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const link = join(folder, 'link.duckdb')
    symlinkSync('a.duckdb', link)
    const [p, q] = await Promise.all([open([barsTable(path)], 'p'), open([barsTable(link)], 'q')])
    const work = Array.from({ length: 40 }, (_, k) => {
      const [pipeline, symbol] = k % 2 === 0 ? [p, 'P'] : [q, 'Q']
      return pipeline.commit({ bars: [rowOf(bar(symbol, k))] }, { header: k })
    })
    await Promise.all(work)
    await p.close()
    assert.equal(await queryDuckdb(link, 'SELECT count(*) AS n FROM bars'), [{ n: 40 }])
    await q.commit({ bars: [rowOf(bar('Q', 1_000))] })
    await q.close()
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 41 }])
  }),
)

test('hard links in one folder are one file, and the log of a crash is found under the other name', () =>
  inFolder(async (folder) => {
    const [first, second] = [join(folder, 'b.duckdb'), join(folder, 'a.duckdb')]
    await (await open([barsTable(first)])).close()
    const child = writer(first)
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.ok(statSync(`${first}.wal`).size > 0)
    linkSync(first, second)
    const opened = await open([barsTable(second), letters(second)])
    assert.ok(Number((await opened.host.readCheckpoint('p'))?.header) > 0)
    await opened.close()
    assert.equal(await symbols(first), await symbols(second))
  }),
)

test('hard links in several folders are refused', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await (await open([barsTable(path)])).close()
    mkdirSync(join(folder, 'sub'))
    linkSync(path, join(folder, 'sub', 'a.duckdb'))
    assert.match((await refusalOf(() => open([barsTable(path)]))).message, 'has 2 hard links')
  }),
)

test('the owner that writes is named to a process that wants to write', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const child = writer(path)
    await once(child.stdout, 'data')
    const error = await refusalOf(() => open([barsTable(path)]))
    assert.is(error._tag, 'DatabaseInUse')
    assert.is(error.code, 'FailedPrecondition')
    assert.match(error.message, `process ${child.pid} (`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await open([barsTable(path)])).close()
  }),
)

test('what is no database is refused and not touched', () =>
  inFolder(async (folder) => {
    for (const [name, content] of [['text', 'hello\n'.repeat(5_000)], ['empty', ''], ['short', 'x']] as const) {
      const path = join(folder, name)
      writeFileSync(path, content)
      const error = await refusalOf(() => open([barsTable(path)]))
      assert.is(error._tag, 'NotADatabase', error.message)
      assert.match(error.message, `${path} is not a DuckDB database`)
      assert.is(readFileSync(path, 'utf8'), content)
    }
    assert.is((await refusalOf(() => open([barsTable(folder)])))._tag, 'NotADatabase')
  }),
)

test('a data file is not opened as one table in memory, as DuckDB would', () =>
  inFolder(async (folder) => {
    for (const name of ['a.csv', 'a.json', 'a.ndjson']) {
      const path = join(folder, name)
      writeFileSync(path, '{"x": 1}\n')
      assert.is((await refusalOf(() => open([barsTable(path)])))._tag, 'NotADatabase')
      assert.is((await refusalOf(() => queryDuckdb(path, 'SELECT 1')))._tag, 'NotADatabase')
    }
    const path = join(folder, 'new.csv')
    const opened = await open([barsTable(path)])
    await opened.commit({ bars: [rowOf(bar('A', 0))] })
    await opened.close()
    assert.equal(await symbols(path), ['A'])
  }),
)

test('one run of a pipeline on a file: a second one in the process is refused until the first has ended', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const first = await open([barsTable(path)], 'p')
    assert.match((await refusalOf(() => open([barsTable(path)], 'p'))).message, 'Sink "bars" of pipeline "p" is open')
    const other = await open([barsTable(path)], 'q')
    await first.close()
    await (await open([barsTable(path)], 'p')).close()
    await other.close()
  }),
)

test('a damaged database is refused', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    await opened.commit({ bars: Array.from({ length: 5_000 }, (_, k) => rowOf(bar('A', k))) })
    await opened.close()
    truncateSync(path, 14_000)
    const error = await refusalOf(() => open([barsTable(path)]))
    assert.is(error._tag, 'NotADatabase', error.message)
  }),
)

test('a folder that is missing is an error that says so', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'no', 'a.duckdb')
    const error = await refusalOf(() => open([barsTable(path)]))
    assert.is(error.code, 'NotFound')
    assert.match(error.message, `${path} cannot be created: its folder does not exist`)
  }),
)

/** Runs a script as a user who may not do everything. */
const asNobody = (script: string): string => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8', ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
  })
  return stdout + stderr
}

const openScript = (path: string): string => {
  const support = fileURLToPath(new URL('support.js', import.meta.url))
  return `import { open, barsTable } from ${JSON.stringify(support)}
    await open([barsTable(${JSON.stringify(path)})]).then((o) => o.close()).then(() => console.log('open'), (e) => console.log(e.code, e.message))`
}

test('a file or a folder that cannot be written is an error that says so', () =>
  inFolder(async (folder) => {
    chmodSync(folder, 0o755)
    const [file, locked] = [join(folder, 'a.duckdb'), join(folder, 'locked')]
    await (await open([barsTable(file)])).close()
    chmodSync(file, 0o444)
    mkdirSync(locked)
    chmodSync(locked, 0o555)
    assert.match(asNobody(openScript(file)), `PermissionDenied ${file} cannot be written`)
    assert.match(asNobody(openScript(join(locked, 'b.duckdb'))), `PermissionDenied ${join(locked, 'b.duckdb')} cannot be written`)
    chmodSync(file, 0o000)
    assert.match(asNobody(openScript(file)), 'PermissionDenied')
    chmodSync(locked, 0o755)
  }),
)

test('a disk that is full is an error, nothing is acknowledged, and what was acknowledged is there afterwards', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const child = fileURLToPath(new URL('full-disk-child.js', import.meta.url))
    // No file may grow beyond 4 MB: the system then answers EFBIG, as it would ENOSPC.
    const limited = `trap '' XFSZ; ulimit -f 4096; exec "$0" "$@"`
    const { stdout, stderr } = spawnSync('bash', ['-c', limited, process.execPath, child, path], { encoding: 'utf8' })
    assert.is(stderr, '')
    // What the child printed.
    const told = JSON.parse(stdout) as { readonly acknowledged: number; readonly tag: string; readonly message: string; readonly again: string }
    assert.is(told.tag, 'DiskFull')
    assert.match(told.message, `There is no space left for ${path}`)
    assert.is(told.again, 'DiskFull')
    assert.ok(told.acknowledged > 5, `${told.acknowledged} epochs`)
    const opened = await open([barsTable(path)])
    const header = Number((await opened.host.readCheckpoint('p'))?.header)
    // A commit that was in the log when the error came may be there, and was not acknowledged.
    assert.ok(header === told.acknowledged || header === told.acknowledged + 1, `${header} of ${told.acknowledged}`)
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: header }])
    await opened.commit({ bars: [rowOf(bar('A', header + 1))] }, { header: header + 1 })
    await opened.close()
  }),
)

test('closing twice, in any order, and closing while a commit is under way', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path), letters(path)])
    const rows = Array.from({ length: 20_000 }, (_, k) => rowOf(bar('A', k)))
    const outcome = opened.commit({ bars: rows }, { header: 1 }).then(() => 'committed', (error: { _tag: string }) => error._tag)
    await opened.host.close()
    await opened.host.close()
    assert.ok(['committed', 'Interrupted', 'Closed'].includes(await outcome))
    await opened.close()
    const kept = (await outcome) === 'committed' ? 20_000 : 0
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: kept }])
    assert.is((await refusalOf(() => opened.commit({})))._tag, 'Closed')
  }),
)

test.run()
