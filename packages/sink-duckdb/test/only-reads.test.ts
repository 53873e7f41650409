import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { duckdbOwner, queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startOwner } from './owner-support.js'
import { barsTable, inFolder, open, refusalOf } from './support.js'

const test = suite('only reading')

/** By another process that has the file, by this one, and by an instance for the question alone. */
const inEveryWay = (work: (path: string, folder: string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const owner = await startOwner(path)
    try {
      await work(path, folder)
    } finally {
      await owner.end()
    }
    const opened = await open([barsTable(path)])
    await work(path, folder)
    await opened.close()
    await work(path, folder)
  })

const refused = async (path: string, statements: readonly string[]): Promise<void> => {
  for (const sql of statements) assert.is((await refusalOf(() => queryDuckdb(path, sql)))._tag, 'OnlyReads', sql)
}

test('nothing is carried out by explaining it', () =>
  inEveryWay(async (path, folder) => {
    const threads = "SELECT current_setting('threads') AS n"
    const before = await queryDuckdb(path, threads)
    await refused(path, [
      `EXPLAIN ANALYZE COPY (SELECT 1) TO '${folder}/own.csv'`, `EXPLAIN (ANALYZE) COPY (SELECT 1) TO '${folder}/own.csv'`,
      `explain/**/analyze COPY (SELECT 1) TO '${folder}/own.csv'`, `-- x\nEXPLAIN ANALYZE COPY (SELECT 1) TO '${folder}/own.csv'`,
      `EXPLAIN COPY (SELECT 1) TO '${folder}/own.csv'`, 'EXPLAIN ANALYZE SET GLOBAL threads=3', 'EXPLAIN ANALYZE SELECT 1',
      `EXPLAIN SELECT 1; COPY (SELECT 1) TO '${folder}/own.csv'`, `EXPLAIN (FORMAT json) SELECT 1; COPY (SELECT 1) TO '${folder}/own.csv'`,
      'EXPLAIN ANALYZE CALL force_checkpoint()', 'EXPLAIN DELETE FROM bars',
    ])
    assert.is(existsSync(`${folder}/own.csv`), false)
    assert.equal(await queryDuckdb(path, threads), before)
    assert.is((await queryDuckdb(path, 'EXPLAIN SELECT * FROM bars WHERE close > $1', [1])).length, 1)
  }),
)

test('functions with effects are refused however they are written', () =>
  inEveryWay(async (path, folder) => {
    await refused(path, [
      'SELECT * FROM checkpoint()', 'SELECT * FROM force_checkpoint()', 'FROM "CheckPoint" ()', 'FROM system.main."checkpoint"\n()',
      'FROM checkpoint\u00a0()', 'FROM checkpoint\u200b()', 'FROM checkpoint/* /* */ */()', 'FROM checkpoint -- (\n()',
      "SELECT * FROM query('SELECT * FROM force_' || 'checkpoint()')", 'FROM query($1)', 'SUMMARIZE FROM checkpoint()',
      'PIVOT (SELECT 1 AS a FROM checkpoint()) ON a', 'EXPLAIN FROM checkpoint()', 'SELECT (SELECT count(*) FROM checkpoint())',
      "FROM json_execute_serialized_sql(json_serialize_sql('FROM force_' || 'checkpoint()'))",
      `FROM enable_logging(storage = 'file', storage_path = '${folder}/log')`, 'FROM disable_logging()', 'FROM truncate_duckdb_logs()',
      "SELECT write_log('x')", 'FROM enable_profiling()', 'FROM enable_peg_parser()', 'FROM arrow_scan(NULL, NULL, NULL)',
    ])
    assert.equal(readdirSync(folder).filter((name) => !name.startsWith('a.duckdb')), [])
  }),
)

test('the owner does not open its own file a second time, which would give up its lock', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const owner = await startOwner(path)
    try {
      await refused(path, ['blob', 'text', 'csv', 'csv_auto', 'json', 'ndjson_objects', 'parquet'].map((kind) => `SELECT * FROM read_${kind}('${path}')`))
      await refused(path, ['sniff_csv', 'parquet_scan', 'parquet_metadata'].map((name) => `SELECT * FROM "${name}" ('${path}')`))
      assert.is((await refusalOf(() => queryDuckdb(path, `FROM '${path}'`))).code, 'InvalidArgument')
      await assertLocked(path)
    } finally {
      await owner.end()
    }
  }),
)

/** As another program would find it, which asks nobody. */
const assertLocked = (path: string): Promise<void> =>
  DuckDBInstance.create(path).then(() => assert.unreachable('it could be opened'), (error: Error) => assert.match(error.message, 'Could not set lock'))

test('statements that do more are refused, also behind and inside of others', () =>
  inEveryWay(async (path, folder) => {
    const import_ = join(folder, 'import')
    mkdirSync(import_, { recursive: true })
    writeFileSync(join(import_, 'load.sql'), '')
    // What is imported is read while the statement is looked at.
    for (const sql of ['CREATE SECRET imported (TYPE http)', `SELECT * FROM enable_logging(storage = 'file', storage_path = '${folder}/log')`]) {
      writeFileSync(join(import_, 'schema.sql'), sql)
      await refused(path, [`IMPORT DATABASE '${import_}'`, `PRAGMA import_database('${import_}')`, `SELECT 1; IMPORT DATABASE '${import_}'; PIVOT bars ON lane`])
    }
    await refused(path, [
      'SELECT 1; SELECT 2', 'SET VARIABLE v = 1', 'SET threads = 3', 'RESET threads', 'PRAGMA force_checkpoint', 'PRAGMA enable_verification', 'CALL checkpoint()',
      'PREPARE p AS SELECT 1', 'CREATE TEMP TABLE q AS SELECT 1', 'CREATE SECRET z (TYPE http)', 'CREATE PERSISTENT SECRET z (TYPE http)',
      'CREATE TEMP MACRO m() AS TABLE FROM checkpoint(); FROM m()', 'USE memory', 'LOAD json', "INSTALL 'x'", 'DETACH memory', 'VACUUM', 'EXPORT DATABASE \'x\'',
      'COMMIT', 'ROLLBACK', 'BEGIN', 'PIVOT bars ON lane; DELETE FROM bars',
    ])
    const outside = await queryDuckdb(path, "SELECT count(*) AS n FROM duckdb_secrets()")
    assert.equal([outside, existsSync(`${folder}/log`)], [[{ n: 0 }], false])
  }),
)

test('what only reads is answered, also where a word of it is the name of a function', () =>
  inEveryWay(async (path) => {
    const asked = [
      'SELECT 1 AS n;', 'SELECT 1 AS n -- x', '(SELECT 1) UNION (SELECT 2)', 'FROM bars', 'VALUES (1)', 'TABLE bars', 'SHOW TABLES', 'DESCRIBE bars', 'SUMMARIZE bars',
      'PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b);', 'SELECT * FROM (PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b))', 'SELECT $$a;b$$ AS n',
      'WITH x AS (SELECT 1 AS checkpoint, 2 AS query) SELECT checkpoint, "query", x.checkpoint FROM x', "SELECT ';' AS n, 'COPY' AS m",
      'SELECT count(*) FROM millrace.checkpoints', "FROM pragma_table_info('bars')", 'SELECT current_query() IS NULL AS n',
    ]
    for (const sql of asked) assert.ok(Array.isArray(await queryDuckdb(path, sql)), sql)
    const settings = "SELECT value FROM duckdb_settings() WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions')"
    assert.equal(await queryDuckdb(path, settings), [{ value: 'false' }, { value: 'false' }])
  }),
)

/** All of DuckDB 1.5 that stand in FROM, or have side effects. One that is not here may write: look at it, then add it, or refuse it. */
const LOOKED_AT = new Set(
  `arrow_scan arrow_scan_dumb check_peg_parser checkpoint disable_logging disable_peg_parser disable_profiling enable_logging enable_peg_parser
  enable_profiling force_checkpoint generate_series glob histogram histogram_values icu_calendar_names json_each json_execute_serialized_sql json_tree
  parquet_bloom_probe parquet_file_metadata parquet_full_metadata parquet_kv_metadata parquet_metadata parquet_scan parquet_schema pg_timezone_names
  query query_table range read_blob read_csv read_csv_auto read_duckdb read_json read_json_auto read_json_objects read_json_objects_auto read_ndjson
  read_ndjson_auto read_ndjson_objects read_parquet read_text repeat repeat_row seq_scan sniff_csv sql_auto_complete summary test_all_types
  test_vector_types truncate_duckdb_logs unnest which_secret
  uuidv4 uuid setseed error current_connection_id current_query currval nextval random uuidv7 write_log sleep_ms stats current_transaction_id
  current_query_id gen_random_uuid`.split(/\s+/),
)

test('every function that could have an effect was looked at', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    await (await open([barsTable(path)])).close()
    const rows = await queryDuckdb(path, `SELECT DISTINCT function_name AS name FROM duckdb_functions()
      WHERE (function_type IN ('table', 'table_macro') AND NOT starts_with(function_name, 'duckdb_') AND NOT starts_with(function_name, 'pragma_'))
        OR (function_type = 'scalar' AND has_side_effects)`)
    assert.ok(rows.length > 60)
    assert.equal(rows.map(({ name }) => String(name)).filter((name) => !LOOKED_AT.has(name)), [])
  }),
)

test('who has a file is told, wherever the owner listens', () =>
  inFolder(async (folder) => {
    for (const name of ['a', 'd'.repeat(120)]) {
      mkdirSync(join(folder, name))
      const path = join(folder, name, 'a.duckdb')
      assert.is(await duckdbOwner(path), undefined)
      const owner = await startOwner(path, 'stocks')
      try {
        assert.equal(await duckdbOwner(path), { pid: owner.child.pid, pipelines: ['stocks'] })
      } finally {
        await owner.end()
      }
      assert.is(await duckdbOwner(path), undefined)
    }
  }),
)

test.run()
