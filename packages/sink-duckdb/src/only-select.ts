import { type DuckDBConnection, type DuckDBExtractedStatements, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api'
import { ConnectorError } from '@millrace/core'
import { onlyReads } from './errors.js'

/**
 * What does something although it stands in a `SELECT`, also in a transaction that only reads: writes the log out, logs into
 * files, changes the instance for all of its connections, takes addresses of memory, or runs a text that is not looked at here.
 * A test lists all functions that were looked at.
 */
const EFFECTS = [
  'force_checkpoint', 'enable_logging', 'disable_logging', 'truncate_duckdb_logs', 'write_log', 'enable_profiling', 'disable_profiling',
  'enable_peg_parser', 'disable_peg_parser', 'arrow_scan', 'arrow_scan_dumb', 'json_execute_serialized_sql',
]

/**
 * The same; but these words can also be names of columns, so they count only before a bracket, or what may hide one. Reading a file is
 * no privilege, whoever asks is the same user; but if it is the database itself, under whatever name, closing it gives up this
 * process's lock on it. (`FROM 'x.csv'` goes by the extension, and one of a database is refused by DuckDB.)
 */
const EFFECTS_IF_CALLED = ['checkpoint', 'query', 'read_\\w+', 'parquet_\\w+', 'sniff_csv']

/**
 * Looks at the text: a name can be written in one way only, and what is in a view or a macro of the file is by its writer.
 * DuckDB takes some characters beyond ASCII for spaces.
 */
const EFFECT = new RegExp(`\\b(?:(${EFFECTS.join('|')})\\b|(${EFFECTS_IF_CALLED.join('|')})"?[^!-~]*(?:\\(|/\\*|--))`, 'i')

const refuseEffects = (sql: string, path: string): void => {
  const found = EFFECT.exec(sql)
  if (found !== null) throw onlyReads(path, `${found[1] ?? found[2]}()`)
}

/** Only what is one `SELECT`, or `SHOW`, `PIVOT` and the like, can stand in brackets; DuckDB makes several statements of some. */
const isSelect = async (connection: DuckDBConnection, sql: string): Promise<boolean> => {
  try {
    // Its last line may be a comment.
    await connection.extractStatements(`SELECT * FROM (${sql.replace(/[;\s]+$/, '')}\n)`)
    return true
  } catch {
    return false
  }
}

const EXPLAIN = /^\s*EXPLAIN\b/i

const extract = async (connection: DuckDBConnection, sql: string, path: string): Promise<DuckDBExtractedStatements> => {
  const statements = await connection.extractStatements(sql)
  if (statements.count === 0) throw new ConnectorError({ _tag: 'Statement', code: 'InvalidArgument', message: `there is no statement to ask ${path}` })
  return statements
}

/** `EXPLAIN ANALYZE` carries out what it explains, and a statement's type does not tell: so what follows the word must be a `SELECT`. */
const isExplainedSelect = async (connection: DuckDBConnection, sql: string): Promise<boolean> => {
  const explained = sql.replace(EXPLAIN, '')
  if (explained === sql || !(await isSelect(connection, explained))) return false
  // In brackets more is possible than alone.
  return connection.extractStatements(explained).then(({ count }) => count === 1, () => false)
}

const firstWord = (sql: string): string => /[a-z]+/i.exec(sql)?.[0]?.toUpperCase() ?? 'this'

const ensureType = (statement: DuckDBPreparedStatement, allowed: StatementType, path: string): DuckDBPreparedStatement => {
  if (statement.statementType === allowed) return statement
  const name = StatementType[statement.statementType]
  statement.destroySync()
  throw onlyReads(path, name)
}

/** All but the last make temporary types that `PIVOT` needs. */
const prepareLast = async (connection: DuckDBConnection, statements: DuckDBExtractedStatements, path: string): Promise<DuckDBPreparedStatement> => {
  const last = statements.count - 1
  for (let index = 0; index < last; index++) {
    const statement = ensureType(await statements.prepare(index), StatementType.CREATE, path)
    await statement.run()
    statement.destroySync()
  }
  return ensureType(await statements.prepare(last), StatementType.SELECT, path)
}

/**
 * Prepares one statement that only reads: a `SELECT`, or the `EXPLAIN` of one.
 * @param path - the file, for errors
 * @throws ConnectorError `OnlyReads` for any other; what DuckDB says of one that cannot be understood
 */
export const prepareSelect = async (connection: DuckDBConnection, sql: string, path: string): Promise<DuckDBPreparedStatement> => {
  const statements = await extract(connection, sql, path)
  refuseEffects(sql, path)
  if (await isExplainedSelect(connection, sql)) return ensureType(await statements.prepare(0), StatementType.EXPLAIN, path)
  if (await isSelect(connection, sql)) return prepareLast(connection, statements, path)
  throw onlyReads(path, firstWord(sql))
}
