import { join } from 'node:path'
import { ConnectorError, RefusedError } from '@millrace/core'
import { duckdbDeadLetters, duckdbTable, integer32, integer64, queryDuckdb, timestampMillis } from '@millrace/sink-duckdb'
import fc from 'fast-check'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bar, barsTable, inFolder, open, refusalOf, rowOf, runSql, T0 } from './support.js'

const test = suite('table')

const BARS = `CREATE TABLE bars (
  symbol VARCHAR NOT NULL, window_start TIMESTAMP NOT NULL, window_end TIMESTAMP NOT NULL,
  open DOUBLE NOT NULL, high DOUBLE NOT NULL, low DOUBLE NOT NULL, close DOUBLE NOT NULL,
  volume DOUBLE NOT NULL, vwap DOUBLE NOT NULL, trades BIGINT NOT NULL,
  lane VARCHAR NOT NULL, complete BOOLEAN NOT NULL,
  row_id VARCHAR NOT NULL, pipeline_version VARCHAR NOT NULL, updated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (symbol, window_start, lane))`
const DEAD_LETTERS = `CREATE TABLE dead_letters (
  dead_letter_id VARCHAR PRIMARY KEY,
  occurred_at TIMESTAMP NOT NULL, pipeline VARCHAR NOT NULL, pipeline_version VARCHAR NOT NULL,
  stage VARCHAR NOT NULL, stage_kind VARCHAR NOT NULL,
  connector VARCHAR, error_code VARCHAR NOT NULL,
  error_class VARCHAR NOT NULL, error_message VARCHAR NOT NULL,
  error_path VARCHAR,
  stack VARCHAR, retryable BOOLEAN NOT NULL, attempt INTEGER NOT NULL,
  source_name VARCHAR NOT NULL, source_partition VARCHAR NOT NULL, source_position VARCHAR NOT NULL,
  path VARCHAR NOT NULL,
  event_key VARCHAR, event_time TIMESTAMP, window_start TIMESTAMP, window_end TIMESTAMP,
  payload_text VARCHAR, payload_base64 VARCHAR,
  payload_truncated BOOLEAN NOT NULL,
  stage_value_json VARCHAR,
  attributes_json VARCHAR, trace_id VARCHAR, replay_of VARCHAR, replay_count INTEGER NOT NULL,
  status VARCHAR NOT NULL)`
const GAPS =
  'CREATE TABLE gaps (gap_id VARCHAR PRIMARY KEY, source_name VARCHAR NOT NULL, from_time TIMESTAMP NOT NULL, to_time TIMESTAMP, reason VARCHAR NOT NULL)'

const DESCRIBE =
  "SELECT table_name, sql, (SELECT list(column_name || ' ' || is_nullable ORDER BY column_index) FROM duckdb_columns() c " +
  'WHERE c.table_oid = t.table_oid AND c.database_name = t.database_name) AS columns ' +
  "FROM duckdb_tables() t WHERE schema_name = 'main' ORDER BY table_name"

test('the tables of bars and dead letters are what the contract says, word by word', () =>
  inFolder(async (folder) => {
    const [made, meant] = [join(folder, 'made.duckdb'), join(folder, 'meant.duckdb')]
    await runSql(meant, BARS, DEAD_LETTERS)
    await (await open([barsTable(made), duckdbDeadLetters({ path: made })])).close()
    assert.equal(await queryDuckdb(made, DESCRIBE), await queryDuckdb(meant, DESCRIBE))
  }),
)

test('a table that somebody made by the contract is taken as it is, with columns that were added', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await runSql(path, BARS, DEAD_LETTERS, 'ALTER TABLE bars ADD COLUMN note DECIMAL(9, 2)')
    const opened = await open([barsTable(path), duckdbDeadLetters({ path })])
    await opened.commit({ bars: [rowOf(bar('A', 0), 'id-1')] })
    await opened.close()
    const [row] = await queryDuckdb(path, 'SELECT symbol, close, row_id, pipeline_version, note FROM bars')
    assert.equal(row, { symbol: 'A', close: 1, row_id: 'id-1', pipeline_version: '1.0.0', note: null })
  }),
)

test('columns in another order are filled by name', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await runSql(path, 'CREATE TABLE pairs (b DOUBLE NOT NULL, a VARCHAR PRIMARY KEY)')
    const codec = t.type({ a: t.string, b: t.number })
    const opened = await open([duckdbTable({ path, table: 'pairs', codec, key: ['a'], stamp: false })])
    await opened.commit({ pairs: [rowOf({ a: 'x', b: 2 })] })
    await opened.close()
    assert.equal(await queryDuckdb(path, 'FROM pairs'), [{ b: 2, a: 'x' }])
  }),
)

test('another table of that name is refused, with every difference and the remedy, and nothing is changed', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await runSql(path, 'CREATE TABLE t (a VARCHAR PRIMARY KEY, b VARCHAR NOT NULL, d BIGINT NOT NULL, e INTEGER)')
    const codec = t.type({ a: t.string, b: t.number, c: t.Int })
    const before = await queryDuckdb(path, DESCRIBE)
    const error = await refusalOf(() => open([duckdbTable({ path, table: 't', codec, key: ['a', 'b'], stamp: false })]))
    assert.is(error.code, 'FailedPrecondition')
    const lines = error.message.split('\n')
    assert.equal(lines.slice(1, 6), [
      '  column       expected            found',
      '  b            DOUBLE NOT NULL     VARCHAR NOT NULL',
      '  c            BIGINT NOT NULL     (missing)',
      '  d            (not in the codec)  BIGINT NOT NULL',
      '  primary key  (a, b)              (a)',
    ])
    assert.match(lines[0] ?? '', `Table "t" in ${path}`)
    assert.match(lines[6] ?? '', 'ALTER TABLE "t" RENAME TO "t_old"')
    assert.equal(await queryDuckdb(path, DESCRIBE), before)
  }),
)

test('a view of that name is refused', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await runSql(path, 'CREATE VIEW bars AS SELECT 1 AS x')
    assert.match((await refusalOf(() => open([barsTable(path)]))).message, 'a view')
  }),
)

test('views and further statements are there after opening, also the second time', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const select =
      "SELECT * FROM bars QUALIFY row_number() OVER (PARTITION BY symbol, window_start ORDER BY complete DESC, lane = 'batch' DESC) = 1"
    const sink = () => duckdbTable({
      path, table: 'bars', codec: t.type({ symbol: t.string, window_start: timestampMillis, lane: t.string, complete: t.boolean }),
      key: ['symbol', 'window_start', 'lane'], views: { bars_consolidated: select }, also: [GAPS.replace('TABLE gaps', 'TABLE IF NOT EXISTS gaps')],
    })
    for (const round of [1, 2]) {
      const opened = await open([sink()])
      const lanes = ['stream', 'batch'].map((lane) => rowOf({ symbol: 'A', window_start: T0, lane, complete: true }))
      await opened.commit({ bars: lanes })
      await opened.close()
      assert.equal(await queryDuckdb(path, 'SELECT lane FROM bars_consolidated'), [{ lane: 'batch' }], `round ${round}`)
    }
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM gaps'), [{ n: 0 }])
  }),
)

test('a statement that fails is an error that names the file, and leaves no half of the table', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const codec = t.type({ a: t.string })
    try {
      await open([duckdbTable({ path, table: 't', codec, key: ['a'], also: ['CREATE TALBE x (a INT)'] })])
      assert.unreachable()
    } catch (error) {
      assert.instance(error, ConnectorError)
      assert.is((error as ConnectorError).code, 'InvalidArgument')
      assert.match((error as ConnectorError).message, path)
    }
    assert.equal(await queryDuckdb(path, DESCRIBE), [])
  }),
)

test('a failed opening leaves the file usable for others, and free', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const codec = t.type({ a: t.string })
    const bad = () => open([duckdbTable({ path, table: 't', codec, key: ['a'], also: ['INSERT INTO nowhere VALUES (1)'] })], 'bad')
    const other = await open([barsTable(path)])
    for (let attempt = 0; attempt < 3; attempt++) assert.is((await refusalOf(bad)).code, 'InvalidArgument')
    const again = await open([duckdbTable({ path, table: 't', codec, key: ['a'] })], 'good')
    await again.commit({ t: [rowOf({ a: 'x' })] })
    await again.close()
    await other.close()
    await runSql(path, 'SELECT 1')
  }),
)

const Everything = t.intersection([
  t.exact(t.type({
    id: t.Int, d: t.number, s: t.string, b: t.boolean, i: integer32, at: timestampMillis,
    lit: t.union([t.literal('x'), t.literal('y')]), none: t.union([t.string, t.null]), noTime: t.union([timestampMillis, t.null]),
  })),
  t.readonly(t.partial({ maybe: t.number, 'odd "name"': t.keyof({ p: null, q: null }) })),
])

test('every kind of column comes back as it went in', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const time = fc.integer({ min: -8.64e15, max: 8.64e15 })
    const value = fc.record({
      d: fc.double(), s: fc.string({ unit: 'binary' }), b: fc.boolean(), i: fc.integer(), at: time,
      lit: fc.constantFrom('x', 'y'), none: fc.option(fc.string()), noTime: fc.option(time),
      id: fc.maxSafeInteger(), maybe: fc.option(fc.double()), 'odd "name"': fc.option(fc.constantFrom('p', 'q')),
    }, { noNullPrototype: true })
    const opened = await open([duckdbTable({ path, table: 'all', codec: Everything, key: ['id'], stamp: false })])
    // An optional field takes `undefined`, not `null`.
    const absent = <A extends object>(row: A): A & Readonly<Record<string, unknown>> =>
      Object.fromEntries(Object.entries(row).map(([name, v]) => [name, v === null && /maybe|odd/.test(name) ? undefined : v])) as never
    const check = async (rows: readonly { readonly id: number }[]): Promise<void> => {
      const judged = rows.map((row) => rowOf(absent(row)))
      const outcomes = await opened.writers[0]?.write(judged as never)
      assert.ok(outcomes?.every(({ _tag }) => _tag === 'Written'))
      await opened.commit({ all: judged })
      const ids = rows.map(({ id }) => id).join(', ')
      const read = await queryDuckdb(path, `SELECT * FROM "all" WHERE id IN (${ids})`)
      const byId = new Map(read.map((row) => [row['id'], row]))
      for (const row of rows) assert.equal(byId.get(row.id), row)
    }
    await fc.assert(fc.asyncProperty(fc.uniqueArray(value, { minLength: 1, maxLength: 30, selector: ({ id }) => id }), check), { numRuns: 25 })
    await opened.close()
  }),
)

test('a row that does not fit is rejected with the field and the reason, and its neighbours are not', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    const bad = (patch: object): unknown => ({ ...bar('A', 0), ...patch })
    const rows = [
      bar('A', 0), bad({ symbol: 7 }), bad({ trades: 2 ** 53 }), bad({ trades: 1.5 }), bad({ window_start: 8.64e15 + 1 }),
      bad({ window_start: 0.5 }), bad({ lane: 'other' }), bad({ close: null }), bad({ complete: 'true' }), null, bad({ volume: Infinity }),
      bad({ window_end: undefined }),
    ]
    // What core hands over is of the sink's type; here it is not on purpose.
    const outcomes = await opened.writers[0]?.write(rows.map((value) => rowOf(value)) as never)
    const shown = outcomes?.map((one) => (one._tag === 'Rejected' ? `${one.failure.path} ${one.failure.code}` : one._tag))
    assert.equal(shown, [
      'Written', '/symbol InvalidArgument', '/trades OutOfRange', '/trades OutOfRange', '/window_start OutOfRange',
      '/window_start OutOfRange', '/lane InvalidArgument', '/close InvalidArgument', '/complete InvalidArgument',
      'undefined InvalidArgument', 'Written', '/window_end InvalidArgument',
    ])
    const messages = outcomes?.map((one) => (one._tag === 'Rejected' ? one.failure.message : ''))
    assert.match(messages?.[1] ?? '', /^7 does not fit column "symbol" .*: expected a string, as its codec says$/)
    assert.match(messages?.[6] ?? '', /^"other" does not fit column "lane" .*: it is a string, but none of those that its codec takes$/)
    await opened.close()
  }),
)

test('refinements of a field and of the row are asked', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    interface Even { readonly Even: unique symbol }
    const even = t.brand(t.Int, (n): n is t.Branded<t.Int, Even> => n % 2 === 0, 'Even')
    interface Ordered { readonly Ordered: unique symbol }
    const base = t.type({ a: even, b: t.number })
    const codec = t.brand(base, (r): r is t.Branded<t.TypeOf<typeof base>, Ordered> => r.a < r.b, 'Ordered')
    const opened = await open([duckdbTable({ path, table: 't', codec, key: ['a'] })])
    const outcomes = await opened.writers[0]?.write([{ a: 2, b: 3 }, { a: 1, b: 3 }, { a: 4, b: 3 }].map((value) => rowOf(value)) as never)
    assert.equal(outcomes?.map(({ _tag }) => _tag), ['Written', 'Rejected', 'Rejected'])
    const columns = await queryDuckdb(path, "SELECT data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index LIMIT 2")
    assert.equal(columns.map((row) => row['data_type']), ['BIGINT', 'DOUBLE'])
    await opened.close()
  }),
)

test('a codec without columns is refused at construction, naming the field', () => {
  const make = (codec: t.Any, key: readonly string[] = ['a']) => () => duckdbTable<Record<string, unknown>>({ path: 'x.duckdb', table: 't', codec, key })
  assert.throws(make(t.type({ a: t.string, list: t.array(t.string) })), /field "list": Array<string> has no column/)
  assert.throws(make(t.type({ a: t.string, u: t.union([t.string, t.number]) })), /field "u": .*two columns: VARCHAR and DOUBLE/)
  assert.throws(make(t.type({ a: t.string, n: t.null })), /field "n"/)
  assert.throws(make(t.type({ a: t.string, l: t.literal(3) })), /literal 3 has no column/)
  assert.throws(make(t.array(t.string)), /does not describe a row/)
  assert.throws(make(t.type({ a: t.string, A: t.string })), /"a" and "A" have one name/)
  assert.throws(make(t.type({ a: t.string, Row_ID: t.string })), /"Row_ID" and "row_id" have one name/)
  assert.throws(make(t.type({ a: t.string }), ['b']), /key names "b"/)
  assert.throws(make(t.type({ a: t.union([t.string, t.null]) })), /key field "a" may be null/)
  assert.throws(make(t.type({ a: t.string }), []), /needs a key/)
  assert.throws(() => duckdbDeadLetters({ path: ':memory:' }), /needs the path of a file/)
  assert.throws(() => duckdbDeadLetters({ path: 'x', memoryLimit: 'plenty' }), /memoryLimit "plenty" is no size/)
})

test('a refusal is a RefusedError', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await runSql(path, 'CREATE TABLE bars (x INT)')
    assert.instance(await refusalOf(() => open([barsTable(path)])), RefusedError)
  }),
)

test('a count without a brand is a BIGINT, as far as JavaScript counts exactly', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([duckdbTable({ path, table: 'counts', codec: t.type({ n: integer64 }), key: ['n'], stamp: false })])
    const rows: readonly { readonly n: number }[] = [{ n: 0 }, { n: -(2 ** 53 - 1) }, { n: 2 ** 53 - 1 }]
    await opened.commit({ counts: rows.map((row) => rowOf(row)) })
    await opened.close()
    assert.equal(await queryDuckdb(path, 'SELECT n, typeof(n) AS type FROM counts ORDER BY n'), [-(2 ** 53 - 1), 0, 2 ** 53 - 1].map((n) => ({ n, type: 'BIGINT' })))
    assert.equal([2 ** 53, 0.5, Number.NaN, '1', null].map((n) => integer64.is(n)), [false, false, false, false, false])
  }),
)

test.run()
