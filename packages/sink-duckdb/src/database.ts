import { statSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { ConnectorError } from '@millrace/core'
import { checkHeader } from './check-header.js'
import { createFile } from './create-file.js'
import { classifyOpening } from './errors.js'
import { Exclusive } from './exclusive.js'
import { type FileIdentity, identifyFile } from './file-identity.js'
import { Known } from './known.js'
import { MemoryLimit } from './memory-limit.js'
import type { TablePlan } from './table-plan.js'

/** How the file is opened; the first one to open it in a process decides. */
export interface DatabaseOptions {
  /** DuckDB's buffers, as DuckDB writes sizes: `128MB`. The process needs about 100 MB more. */
  readonly memoryLimit: string
  /** Bytes by which the file grows before DuckDB is made to forget what it remembers of it; default 256 MiB. */
  readonly renewAfterBytes?: number
}

/**
 * 64 MB: an epoch of some thousand rows fits with room to spare, beyond it DuckDB moves to `FILE.tmp`, and an epoch that does not
 * fit at all gets more. Measured: twice as much makes nothing faster here, and is resident sooner or later.
 */
export const DEFAULT_MEMORY_LIMIT = '64MB'

/** One open file, shared by all that use it in this process. */
export interface Database {
  readonly id: string
  readonly path: string
  readonly instance: DuckDBInstance
  /** For definitions of tables; every host has its own. */
  readonly connection: DuckDBConnection
  /** Writers of one file take turns: DuckDB would let them collide. */
  readonly turn: Exclusive
  readonly memory: MemoryLimit
  readonly known: Known
  /** Why nothing more can be done with it: a commit failed, or {@link renew}. It is to be closed and opened again. */
  broken?: ConnectorError
  /** By pipeline and sink name: where the rows of an epoch go. */
  readonly plans: Map<string, TablePlan>
}

/** A share in an open file: `release` is idempotent, and the last one closes it. */
export interface Lease {
  readonly database: Database
  release(): Promise<void>
}

interface Entry {
  readonly database: Database
  leases: number
}

interface Registry {
  readonly opening: Exclusive
  readonly entries: Map<string, Entry>
  /** Calls of {@link borrow} that are not over. */
  borrowing: number
}

/** Shared by all copies of this package in the process: two instances on one file lose rows without an error. */
const REGISTRY = Symbol.for('@millrace/sink-duckdb/databases/1')

const registry = (): Registry => {
  // The symbol is ours alone.
  const place = globalThis as { [REGISTRY]?: Registry }
  return (place[REGISTRY] ??= { opening: new Exclusive(), entries: new Map(), borrowing: 0 })
}

/**
 * One thread: two cost 20 % more CPU and 6 % more memory for the same rows, and save nothing at the sizes of an epoch.
 * Insertion order is not needed (every table has a key, every log a number) and costs memory.
 */
const SETTINGS = { threads: '1', preserve_insertion_order: 'false' }

/** The file inside of its instance. Nothing that is stored in it refers to this name. */
const CATALOG = 'millrace_file'

/**
 * Rows that are compressed together. A checkpoint reads and writes the last, unfinished group again: with DuckDB's own 122,880
 * that is up to a gigabyte of dead letters in memory for every 16 MB of new ones.
 */
const ROW_GROUP_ROWS = 8_192

/** A statement on a connection that does not use the file: one that does cannot detach it. */
const runOutside = async (instance: DuckDBInstance, statement: string): Promise<void> => {
  const connection = await instance.connect()
  try {
    await connection.run(statement)
  } finally {
    connection.disconnectSync()
  }
}

/** Only an attached file can have row groups of another size. */
const attach = (instance: DuckDBInstance, path: string): Promise<void> =>
  runOutside(instance, `ATTACH IF NOT EXISTS '${path.replaceAll("'", "''")}' AS ${CATALOG} (ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`)

/** By instance: nobody is to look for the file while it is detached. */
const catalogs = new WeakMap<DuckDBInstance, Exclusive>()

const catalogOf = (instance: DuckDBInstance): Exclusive => {
  const catalog = catalogs.get(instance) ?? new Exclusive()
  catalogs.set(instance, catalog)
  return catalog
}

/** A connection to the file of an instance. */
export const connect = (instance: DuckDBInstance): Promise<DuckDBConnection> =>
  catalogOf(instance).run(async () => {
    const connection = await instance.connect()
    await connection.run(`USE ${CATALOG}`)
    return connection
  })

/**
 * Of 256 MiB DuckDB remembers 1 MB if they are dead letters of some kilobytes, and 7 MB if they are the smallest there are.
 * Renewing takes 5 to 20 ms.
 */
const RENEW_AFTER_BYTES = 256 * 2 ** 20

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const logSizeOf = (path: string): number => sizeOf(`${path}.wal`)

/** Changes when anybody writes. Asked of the name: closing any handle of a file gives up the process's lock on it. */
const stampOf = (path: string): string => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'gone' : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${logSizeOf(path)}`
}

const isStillThere = ({ id, path }: Database): boolean => {
  try {
    return identifyFile(path).id === id
  } catch {
    // A second hard link, say.
    return false
  }
}

/**
 * The turns of writers. Between two of them a file that has grown is renewed, if nothing of it is in its log: then it can be
 * detached without being written.
 */
class Turns extends Exclusive {
  #renewedBytes: number

  constructor(readonly path: string, readonly renewAfterBytes: number, readonly renew: () => Promise<void>) {
    super()
    this.#renewedBytes = sizeOf(path)
  }

  override run<A>(work: () => Promise<A>): Promise<A> {
    return super.run(async () => {
      const result = await work()
      if (this.#isDue()) await this.#renew()
      return result
    })
  }

  /** Not while somebody asks the file: writers would wait for the answer. */
  #isDue(): boolean {
    return sizeOf(this.path) >= this.#renewedBytes + this.renewAfterBytes && logSizeOf(this.path) === 0 && registry().borrowing === 0
  }

  async #renew(): Promise<void> {
    await this.renew()
    this.#renewedBytes = sizeOf(this.path)
  }
}

/**
 * While the file is detached another process can open it. Of one that only looks into it we wait for the end: a failed attempt
 * takes some 0.3 ms.
 */
const ATTEMPTS = 5_000

const attachAgain = async ({ instance, path }: Database): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attach(instance, path)
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}

const changedMeanwhile = (path: string): ConnectorError =>
  new ConnectorError({
    _tag: 'DatabaseChanged', code: 'Aborted',
    message: `Somebody else wrote into ${path} while a pipeline used it: see to it that nobody does, and run the pipeline again.`,
  })

const reattach = async (database: Database): Promise<void> => {
  const { instance, path } = database
  // Deleted, or another file by now: what is written goes on going into the one that is open.
  if (!isStillThere(database)) return
  try {
    await runOutside(instance, `DETACH ${CATALOG}`)
    const stamp = stampOf(path)
    await attachAgain(database)
    // What core knows of the checkpoint, and we of runs, may not be so any more.
    if (stampOf(path) !== stamp) throw changedMeanwhile(path)
  } catch (error) {
    database.broken = classifyOpening(error, path)
  }
}

/**
 * Makes DuckDB forget what it remembers of the file, which no limit bounds: as long as a file is attached, 1 KB for every
 * piece of a column that was written to it. Measured: 20 MB for a million dead letters. Of a file that was attached anew it
 * reads what it needs. To be called in a writer's turn.
 */
const renew = async (database: Database): Promise<void> => {
  if (database.broken !== undefined) return
  const alone = (): Promise<void> => catalogOf(database.instance).run(() => database.memory.lifted(() => reattach(database)))
  await registry().opening.run(alone)
}

const describe = async (file: FileIdentity, instance: DuckDBInstance, options: DatabaseOptions): Promise<Database> => {
  const memory = await MemoryLimit.lower(instance, options.memoryLimit)
  const connection = await connect(instance)
  const turn = new Turns(file.path, options.renewAfterBytes ?? RENEW_AFTER_BYTES, () => renew(database))
  const database: Database = { id: file.id, path: file.path, instance, connection, turn, memory, known: new Known(), plans: new Map() }
  return database
}

const openFile = async (file: FileIdentity, options: DatabaseOptions): Promise<Database> => {
  checkHeader(file.path)
  const instance = await DuckDBInstance.create(':memory:', { ...SETTINGS, temp_directory: `${file.path}.tmp` })
  try {
    await attach(instance, file.path)
    return await describe(file, instance, options)
  } catch (error) {
    // A memory limit that DuckDB does not understand, say: the file must not stay locked.
    instance.closeSync()
    throw error
  }
}

const entryOf = async (path: string, options: DatabaseOptions): Promise<Entry> => {
  const { entries } = registry()
  let file = identifyFile(path)
  if (!file.exists) {
    await createFile(file.path)
    file = identifyFile(path)
  }
  const found = entries.get(file.id)
  if (found !== undefined) return found
  const entry = { database: await openFile(file, options), leases: 0 }
  entries.set(file.id, entry)
  return entry
}

/** So that closing has little left to do: it does it without letting anything else run. */
const finish = async ({ connection, memory, broken }: Database): Promise<void> => {
  try {
    if (broken === undefined) await memory.lifted(() => connection.run('CHECKPOINT'))
    else await connection.run('PRAGMA disable_checkpoint_on_shutdown')
  } catch {
    // Everything committed is in the log, and is read from there at the next start.
  }
}

const letGo = async (entry: Entry): Promise<void> => {
  entry.leases -= 1
  if (entry.leases > 0) return
  registry().entries.delete(entry.database.id)
  await finish(entry.database)
  entry.database.memory.close()
  entry.database.connection.disconnectSync()
  entry.database.instance.closeSync()
}

/**
 * Opens the file, or joins those that have it open in this process. Creates it if it is not there.
 * @throws RefusedError when another process has it, or it is no database; ConnectorError when it cannot be opened
 */
export const acquire = (path: string, options: DatabaseOptions): Promise<Lease> =>
  registry().opening.run(async () => {
    const entry = await entryOf(path, options).catch((error: unknown) => {
      throw classifyOpening(error, path)
    })
    entry.leases += 1
    let released: Promise<void> | undefined
    const release = (): Promise<void> => (released ??= registry().opening.run(() => letGo(entry)))
    return { database: entry.database, release }
  })

/** Calls `work` with the database if this process has it open, or else while nobody of this process can open it. */
export const borrow = async <A>(path: string, work: (shared: Database | undefined) => Promise<A>): Promise<A> => {
  const shared = registry()
  shared.borrowing += 1
  try {
    return await shared.opening.run(() => work(shared.entries.get(identifyFile(path).id)?.database))
  } finally {
    shared.borrowing -= 1
  }
}
