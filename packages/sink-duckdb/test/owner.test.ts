import { once } from 'node:events'
import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { RefusedError } from '@millrace/core'
import { duckdbCheckpoint, queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Owner, startOwner } from './owner-support.js'
import { barsTable, inFolder, open, refusalOf } from './support.js'

const test = suite('owner of a file, asked by another process')

const owned = (work: (path: string, owner: Owner) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const owner = await startOwner(path, 'stocks-stream')
    try {
      await work(path, owner)
    } finally {
      await owner.end()
    }
  })

/** One value of every type, and the edges of each. */
const VALUES = `SELECT NULL AS n, true AS b, -0.0::DOUBLE AS z, 'NaN'::DOUBLE AS nan, 'infinity'::DOUBLE AS inf, '-infinity'::FLOAT AS ninf,
  9007199254740991 AS safe, 9007199254740992 AS big, 170141183460469231731687303715884105727::HUGEINT AS huge,
  '\\x00\\xFF'::BLOB AS bytes, ''::BLOB AS no_bytes, DATE '2024-02-29' AS day, TIMESTAMP '1969-12-31 23:59:59.999' AS stamp,
  TIMESTAMPTZ '2024-01-01 00:00:00+00' AS zoned, [1, NULL, 9007199254740993] AS list, {'a b': 1, 'toString': [2], '1': {'x': NULL}} AS struct,
  MAP {'k': 1} AS map, INTERVAL 3 DAY AS span, 1.50::DECIMAL(9, 2) AS dec, 'x' || chr(0) || '\u{1F600}' AS text, '' AS no_text,
  1 AS twice, 2 AS twice, 3 AS "__proto__", 4 AS "7", uuid() IS NULL AS no_uuid, [1, 2]::INTEGER[2] AS pair, TIME '01:02:03' AS clock`

test('the answer has the values and the types of the file when nobody has it', () =>
  owned(async (path, owner) => {
    const far = await queryDuckdb(path, VALUES)
    const [wide, none, given] = [
      await queryDuckdb(path, 'SELECT range AS i, range::VARCHAR AS s FROM range(10000) ORDER BY i'),
      await queryDuckdb(path, 'SELECT 1 AS x WHERE false'),
      await queryDuckdb(path, 'SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e', ['x\u{1F600}', 1.5, 2n ** 100n, null, true]),
    ]
    const pivot = await queryDuckdb(path, 'PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)')
    await owner.tell('close')
    const near = await queryDuckdb(path, VALUES)
    assert.equal(Object.keys(far[0] ?? {}), Object.keys(near[0] ?? {}))
    for (const name of Object.keys(near[0] ?? {})) assert.equal(far[0]?.[name], near[0]?.[name], name)
    assert.equal(Object.entries(far[0] ?? {}).map(describe), Object.entries(near[0] ?? {}).map(describe))
    assert.ok(Object.is(far[0]?.['z'], -0) && typeof far[0]?.['big'] === 'bigint' && far[0]['bytes']?.constructor === near[0]?.['bytes']?.constructor)
    assert.equal(wide, Array.from({ length: 10_000 }, (_, i) => ({ i, s: String(i) })))
    assert.equal([none, pivot], [[], [{ '1': 2 }]])
    assert.equal(given, [{ a: 'x\u{1F600}', b: 1.5, c: 2n ** 100n, d: null, e: true }])
  }),
)

const describe = ([name, value]: [string, unknown]): string => `${name} ${typeof value} ${Object.prototype.toString.call(value)} ${Object.is(value, -0)}`

test('a checkpoint and what is committed meanwhile are seen', () =>
  owned(async (path, owner) => {
    const stored = await duckdbCheckpoint(path, 'stocks-stream')
    assert.equal([stored?.header, stored?.changes.map((bytes) => [...bytes])], [{ epoch: 1 }, [[1, 2, 3], []]])
    assert.is(await duckdbCheckpoint(path, 'other'), undefined)
    await owner.tell('commit')
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 2 }])
  }),
)

test('large rows and many of them come whole', () =>
  owned(async (path) => {
    const [large] = await queryDuckdb(path, "SELECT repeat('ü', 10000000) AS s, repeat('x', 20000000) AS t")
    assert.equal([String(large?.['s']).length, String(large?.['t']).length], [10_000_000, 20_000_000])
    const rows = await queryDuckdb(path, "SELECT range AS i, repeat('x', 1000) AS s FROM range(30000)")
    assert.is(rows.reduce((sum, row) => sum + Number(row['i']), 0), (30_000 * 29_999) / 2)
    const error = await refusalOf(() => queryDuckdb(path, "SELECT repeat('x', 140000000) AS s"))
    assert.equal([error._tag, error.code], ['TooLarge', 'ResourceExhausted'])
    const question = await refusalOf(() => queryDuckdb(path, 'SELECT $1 AS s', ['x'.repeat(2 ** 20)]))
    assert.match(question.message, /the question has \d+ bytes, and at most 1048576/)
  }),
)

test('errors are those that the file itself would give', () =>
  owned(async (path, owner) => {
    const asked = ['SELEC 1', 'FROM nothing', "SELECT 'x'::INTEGER", 'DELETE FROM bars', "SELECT error('stop') FROM range(5)", '', 'SELECT $1',
      'COMMIT; DELETE FROM bars', 'SET GLOBAL threads = 3', `COPY bars TO '${path}.csv'`, 'CHECKPOINT', "ATTACH 'x.duckdb'", 'EXPLAIN ANALYZE DELETE FROM bars']
    const all = async () => {
      const errors = []
      for (const sql of asked) errors.push(await refusalOf(() => queryDuckdb(path, sql)))
      return errors
    }
    const far = await all()
    await owner.tell('close')
    const near = await all()
    for (const [k, error] of far.entries()) {
      assert.equal([error._tag, error.code, error.retryable], [near[k]?._tag, near[k]?.code, near[k]?.retryable], asked[k])
      assert.ok(error.message.includes(path) && !(error instanceof RefusedError), error.message)
    }
    assert.is(far.filter(({ _tag }) => _tag === 'OnlyReads').length, 7)
    assert.is(existsSync(`${path}.csv`), false)
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }])
  }),
)

test('a second writer is refused, and told what runs there', () =>
  owned(async (path, { child }) => {
    const error = await refusalOf(() => open([barsTable(path)]))
    assert.equal([error._tag, error.code], ['DatabaseInUse', 'FailedPrecondition'])
    assert.match(error.message, `${path} is in use by process ${child.pid} (pipelines stocks-stream)`)
    assert.match(error.message, 'wait for that process, stop it, or give this one another file')
  }),
)

test('an owner that does not answer is waited for, and the refusal names it and the reason; when it goes on, it answers', () =>
  owned(async (path, { child, line }) => {
    child.stdin.write('block\n')
    assert.is(await line(), 'blocked')
    for (const attempt of [() => queryDuckdb(path, 'SELECT 1'), () => open([barsTable(path)])]) {
      const error = await refusalOf(attempt)
      assert.is(error._tag, 'DatabaseInUse')
      assert.match(error.message, `in use by process ${child.pid} (`)
      assert.match(error.message, `It could not be asked: it did not answer on ${path}.sock within 5 s.`)
    }
  }),
)

test('only the same user may ask, and the socket is gone with its owner', () =>
  owned(async (path, owner) => {
    const stats = lstatSync(`${path}.sock`)
    assert.ok(stats.isSocket())
    assert.is(stats.mode & 0o777, 0o600)
    const folder = join(path, '..')
    assert.equal(readdirSync(folder).filter((name) => name.includes('.sock')), ['a.duckdb.sock'])
    const before = await owner.tell('resources')
    await owner.tell('close')
    assert.equal(readdirSync(folder), ['a.duckdb'])
    const after = await owner.tell('resources')
    assert.is(JSON.stringify([before, after]).includes('PipeServer'), false, `${before} ${after}`)
    const exited = once(owner.child, 'exit')
    owner.child.stdin.end()
    assert.equal(await exited, [0, null])
  }),
)

test('the socket of a killed owner is replaced', () =>
  owned(async (path, owner) => {
    await owner.end()
    mkdirSync(`${path}.sock-${owner.child.pid}`)
    assert.ok(lstatSync(`${path}.sock`).isSocket())
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }])
    const next = await startOwner(path, 'q')
    try {
      assert.equal(await queryDuckdb(path, 'SELECT 1 AS x'), [{ x: 1 }])
      assert.match((await refusalOf(() => open([barsTable(path)]))).message, `process ${next.child.pid} (pipelines q)`)
      assert.is(existsSync(`${path}.sock-${owner.child.pid}`), false)
    } finally {
      await next.end()
    }
  }),
)

test('links and relative paths lead to the same socket, and another file of the folder has its own', () =>
  owned(async (path) => {
    const folder = join(path, '..')
    mkdirSync(join(folder, 'sub'))
    symlinkSync('../a.duckdb', join(folder, 'sub', 'link'))
    linkSync(path, join(folder, '0.duckdb'))
    for (const spelling of [join(folder, 'sub', 'link'), join(folder, 'sub', '..', 'a.duckdb'), join(folder, '0.duckdb')]) {
      assert.equal(await queryDuckdb(spelling, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }], spelling)
      assert.is((await refusalOf(() => open([barsTable(spelling)])))._tag, 'DatabaseInUse')
    }
    const other = await open([barsTable(join(folder, 'b.duckdb'))])
    assert.ok(lstatSync(join(folder, 'b.duckdb.sock')).isSocket())
    await other.close()
    assert.ok(lstatSync(join(folder, 'a.duckdb.sock')).isSocket())
  }),
)

test('a path that is too long for a socket gets one in the folder for temporary files', () =>
  inFolder(async (folder) => {
    const deep = join(folder, 'd'.repeat(60), 'e'.repeat(60))
    mkdirSync(deep, { recursive: true })
    const path = join(deep, 'a.duckdb')
    const owner = await startOwner(path)
    try {
      assert.equal(readdirSync(deep).filter((name) => name.includes('sock')), [])
      assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }])
      await owner.tell('close')
    } finally {
      await owner.end()
    }
  }),
)

const listen = async (server: Server, place: string): Promise<Server> => {
  server.listen(place)
  await once(server, 'listening')
  return server
}

test('what is no owner of this file is not believed: garbage, silence, a huge length, an end, a file', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await (await open([barsTable(path)])).close()
    const answers = [Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.alloc(4), Buffer.from([255, 255, 255, 255]), Buffer.from([0, 0, 0, 1, 0xc1]), undefined]
    for (const answer of answers) {
      const server = await listen(createServer((socket) => void (socket.on('error', () => undefined), answer === undefined ? socket.end() : socket.write(answer))), `${path}.sock`)
      // It is a socket of somebody who answers: it is let be, and the owner listens elsewhere.
      assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 0 }])
      await (await open([barsTable(path)])).close()
      assert.ok(lstatSync(`${path}.sock`).isSocket())
      server.close()
    }
    writeFileSync(`${path}.sock`, 'mine')
    await (await open([barsTable(path)])).close()
    assert.ok(statSync(`${path}.sock`).isFile())
  }),
)

test('a new file in the place of an owned one is another file', () =>
  owned(async (path) => {
    const moved = `${path}.old`
    renameSync(path, moved)
    renameSync(`${path}.wal`, `${moved}.wal`)
    const opened = await open([barsTable(path)])
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 0 }])
    await opened.close()
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 0 }])
    assert.ok(lstatSync(`${path}.sock`).isSocket(), 'that of the first owner')
  }),
)

test.run()
