import { type Outcome, RefusedError, type Row, type Sink, type SinkContext, type SinkWriter } from '@millrace/core'
import type * as t from 'io-ts'
import { acquire, type DatabaseOptions, DEFAULT_MEMORY_LIMIT, type Lease, takeNotice } from './database.js'
import { ensureTable } from './ensure-table.js'
import { classify, closedError } from './errors.js'
import { judge } from './judge.js'
import { planKey } from './plan-key.js'
import { quote } from './sql-text.js'
import { duckDbStore } from './store.js'
import { defineTable, type TableDefinition } from './table-definition.js'
import { planTable, type TablePlan } from './table-plan.js'
import { inTransaction } from './transaction.js'

/** How a codec becomes a table of a DuckDB file. @public */
export interface DuckDbTableOptions<A> {
  /** The file; created if it is not there (its folder must be). */
  readonly path: string
  readonly table: string
  /** One field, one column: see the package's README for what has a column. */
  readonly codec: t.Type<A, unknown>
  /** The fields of the primary key: a row replaces the one with the same key. */
  readonly key: readonly (keyof A & string)[]
  /** The sink's name, unique in its pipeline; default: the table's. */
  readonly name?: string
  /** Add `row_id`, `pipeline_version` and `updated_at`; default `true`. */
  readonly stamp?: boolean
  /** DuckDB's memory, in DuckDB's words; default `64MB`. Of all tables of a file the first one to open it decides. */
  readonly memoryLimit?: string
  /** Views to create or replace when the sink is opened: name → `SELECT …`. */
  readonly views?: Readonly<Record<string, string>>
  /** Further statements for when the sink is opened, in its transaction. They run every time: `CREATE TABLE IF NOT EXISTS …`. */
  readonly also?: readonly string[]
}

/** A sink of rows to a keyed table of a DuckDB file, exactly once. @public */
export type DuckDbTable<A> = Sink<A, 'local', 'single' | 'accumulating', 'exact'>

const WRITTEN: Outcome = { _tag: 'Written' }

/** What opening needs of the options, checked. */
interface Opening {
  readonly name: string
  readonly path: string
  readonly definition: TableDefinition
  readonly database: DatabaseOptions
  readonly statements: readonly string[]
}

class TableWriter<A> implements SinkWriter<A> {
  readonly #opening: Opening
  readonly #release: () => Promise<void>
  #closed: Promise<void> | undefined

  constructor(opening: Opening, release: () => Promise<void>) {
    this.#opening = opening
    this.#release = release
  }

  write(rows: readonly Row<A>[]): Promise<readonly Outcome[]> {
    const { name, path, definition } = this.#opening
    if (this.#closed !== undefined) return Promise.reject(closedError(`the sink "${name}" of ${path}`))
    const outcomes = new Array<Outcome>(rows.length)
    for (let i = 0; i < rows.length; i++) {
      const failure = judge(definition, rows[i]?.value)
      outcomes[i] = failure === undefined ? WRITTEN : { _tag: 'Rejected', failure }
    }
    return Promise.resolve(outcomes)
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#release())
  }
}

/** @returns the columns of the table, in its order */
const prepare = ({ database }: Lease, { definition, statements }: Opening): Promise<readonly string[]> => {
  const { connection, turn, path } = database
  return turn.run(() =>
    inTransaction(database, connection, async () => {
      const columns = await ensureTable(connection, path, definition)
      for (const statement of statements) await connection.run(statement)
      return { keep: true, value: columns }
    }),
  )
}

/** The number of a plan is never given twice: the stage of an old one may still be there. */
let plans = 0

/**
 * One run of a pipeline on a file: other processes are kept out by DuckDB, a second one in this process by this.
 * @returns how to undo it
 */
const register = ({ database }: Lease, { name }: Opening, pipeline: string, plan: TablePlan): (() => void) => {
  const key = planKey(pipeline, name)
  if (database.plans.has(key)) {
    throw new RefusedError(
      `Sink "${name}" of pipeline "${pipeline}" is open on ${database.path} already, in this process: wait for that run, or stop it.`,
      'AlreadyOpen',
    )
  }
  database.plans.set(key, plan)
  return () => void database.plans.delete(key)
}

const openTable = async <A>(opening: Opening, context: SinkContext): Promise<SinkWriter<A>> => {
  const lease = await acquire(opening.path, opening.database)
  try {
    const columns = await prepare(lease, opening)
    const notice = takeNotice(lease.database)
    if (notice !== undefined) context.logger.warn(notice)
    const unregister = register(lease, opening, context.pipeline, planTable(opening.definition, plans++, columns))
    return new TableWriter<A>(opening, async () => {
      unregister()
      await lease.release()
    })
  } catch (error) {
    await lease.release()
    throw classify(error, lease.database.path)
  }
}

const checkPath = (path: string, table: string): void => {
  if (path !== '' && !path.startsWith(':memory:')) return
  throw new TypeError(`Table "${table}" needs the path of a file: what is only in memory cannot be resumed.`)
}

const checkMemory = (memoryLimit: string): void => {
  if (/^\d+(\.\d+)? *([KMGT]i?)B$/i.test(memoryLimit)) return
  throw new TypeError(`memoryLimit "${memoryLimit}" is no size: write it as DuckDB does, "128MB" or "1GiB".`)
}

/**
 * A table of a DuckDB file, from an io-ts codec. Rows, dead letters and the checkpoint of one file are committed in one
 * transaction: exactly once, through `kill -9`. A row with the key of another replaces it.
 * Constructing it opens nothing; opening it creates the table, or compares it with the one that is there.
 * @throws TypeError at construction, naming the field that has no column, or the option; opening rejects with a RefusedError where the file
 * is in use, is no database, or has another table of this name
 * @public
 */
export const duckdbTable = <A>(options: DuckDbTableOptions<A>): DuckDbTable<A> => {
  const { path, table, codec, key, name = table, stamp = true, memoryLimit = DEFAULT_MEMORY_LIMIT, views = {}, also = [] } = options
  checkPath(path, table)
  checkMemory(memoryLimit)
  const database: DatabaseOptions = { memoryLimit }
  const viewStatements = Object.entries(views).map(([view, select]) => `CREATE OR REPLACE VIEW main.${quote(view)} AS ${select}`)
  const opening: Opening = {
    name, path, database, definition: defineTable(table, codec, key, stamp), statements: [...also, ...viewStatements],
  }
  return {
    name,
    reach: 'local',
    accepts: 'accumulating',
    guarantee: 'exact',
    store: duckDbStore(path, database),
    open: (context) => openTable(opening, context),
  }
}
