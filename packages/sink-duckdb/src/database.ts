import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { attach, connect } from './catalog.js'
import { checkHeader } from './check-header.js'
import { createFile } from './create-file.js'
import { classifyOpening, inUseBy, isInUse, withReason } from './errors.js'
import { Exclusive } from './exclusive.js'
import { type FileIdentity, identifyFile } from './file-identity.js'
import { createInstance, finish, finishAnew } from './instance.js'
import { Known } from './known.js'
import { MemoryLimit } from './memory-limit.js'
import { findOwner } from './owner/call-owner.js'
import { Reception } from './owner/reception.js'
import { onlyReading } from './reading.js'
import { type Attached, renew, Renewal, type Waiting } from './renewal.js'
import { pipelinesOf } from './plan-key.js'
import type { TablePlan } from './table-plan.js'

/** How the file is opened; the first one to open it in a process decides. */
export interface DatabaseOptions {
  /** DuckDB's buffers, as DuckDB writes sizes: `128MB`. The process needs about 100 MB more. */
  readonly memoryLimit: string
  /** Bytes by which the file grows before DuckDB is made to forget what it remembers of it; default 256 MiB. */
  readonly renewAfterBytes?: number
  /** How long another process that has opened the file meanwhile is waited for; default 60,000. */
  readonly renewWaitMillis?: number
}

/**
 * 64 MB: an epoch of some thousand rows fits with room to spare, beyond it DuckDB moves to `FILE.tmp`, and an epoch that does not
 * fit at all gets more. Measured: twice as much makes nothing faster here, and is resident sooner or later.
 */
export const DEFAULT_MEMORY_LIMIT = '64MB'

/** One open file, shared by all that use it in this process. */
export interface Database extends Attached {
  /** For definitions of tables; every host has its own. */
  readonly connection: DuckDBConnection
  /** Writers of one file take turns: DuckDB would let them collide. */
  readonly turn: Exclusive
  readonly known: Known
  /** By pipeline and sink name: where the rows of an epoch go. */
  readonly plans: Map<string, TablePlan>
  /** What the user is to be told once. */
  notice: string | undefined
}

/** A share in an open file: `release` is idempotent, and the last one closes it. */
export interface Lease {
  readonly database: Database
  release(): Promise<void>
}

interface Entry {
  readonly database: Database
  readonly reception: Reception
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

const describe = async (file: FileIdentity, instance: DuckDBInstance, options: DatabaseOptions): Promise<Database> => {
  const memory = await MemoryLimit.lower(instance, options.memoryLimit)
  const catalog = new Exclusive()
  const connection = await connect({ instance, catalog })
  const renewal = new Renewal(file.path, options.renewAfterBytes, options.renewWaitMillis)
  return { id: file.id, path: file.path, instance, catalog, connection, turn: new Exclusive(), memory, renewal, known: new Known(), plans: new Map(), notice: undefined }
}

/** To be called in a writer's turn, between two commits. */
export const renewIfDue = async (database: Database, waiting: Waiting): Promise<void> => {
  const { opening, borrowing, entries } = registry()
  const reception = entries.get(database.id)?.reception
  if (!database.renewal.isDue(borrowing > 0 || reception?.isBusy === true)) return
  const renewed = (): Promise<void> => renew(database, waiting)
  await opening.run(() => (reception === undefined ? renewed() : reception.without(renewed)))
}

/** What is to be told, once. */
export const takeNotice = (database: Database): string | undefined => {
  const { notice } = database
  database.notice = undefined
  return notice
}

/** @throws ConnectorError if nothing more can be done with it, and why */
export const assertUsable = ({ broken }: Database): void => {
  if (broken !== undefined) throw broken
}

const openFile = async (file: FileIdentity, options: DatabaseOptions): Promise<Database> => {
  checkHeader(file.path)
  const instance = await createInstance(file.path)
  try {
    await attach(instance, file.path)
    return await describe(file, instance, options)
  } catch (error) {
    // A memory limit that DuckDB does not understand, say: the file must not stay locked.
    instance.closeSync()
    throw error
  }
}

/** @returns why an owner that may be there could not be asked */
const refuseOwned = async (file: FileIdentity, path: string): Promise<string | undefined> => {
  const found = await findOwner(file)
  if (found.owner === undefined) return found.trouble
  const { hello, line } = found.owner
  line.close()
  throw inUseBy(path, hello.pid, hello.pipelines)
}

/** Its owner is asked first: while it lets the file go for a moment, DuckDB would let us in. And afterwards, what runs there. */
const openUnowned = async (file: FileIdentity, path: string, options: DatabaseOptions): Promise<Database> => {
  const trouble = await refuseOwned(file, path)
  try {
    return await openFile(file, options)
  } catch (error) {
    const refusal = classifyOpening(error, path)
    if (!isInUse(refusal)) throw refusal
    throw withReason(refusal, trouble ?? (await refuseOwned(file, path)))
  }
}

/** From now on other processes can ask. */
const receive = async (file: FileIdentity, database: Database): Promise<Reception> => {
  const reception = await Reception.open(file, {
    pipelines: () => pipelinesOf(database.plans.keys()),
    reading: async (work) => {
      assertUsable(database)
      await onlyReading(database, work)
    },
  })
  if (reception.trouble !== undefined) {
    database.notice = `While this process has ${file.path}, others cannot ask it: no socket could be made (${reception.trouble}).`
  }
  return reception
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
  const database = await openUnowned(file, path, options)
  const entry = { database, reception: await receive(file, database), leases: 0 }
  entries.set(file.id, entry)
  return entry
}

const letGo = async (entry: Entry): Promise<void> => {
  entry.leases -= 1
  if (entry.leases > 0) return
  const { database } = entry
  registry().entries.delete(database.id)
  await entry.reception.close()
  const whole = await finish(database)
  database.memory.close()
  database.connection.disconnectSync()
  database.instance.closeSync()
  if (!whole && database.broken === undefined) await finishAnew(database.path).catch(() => undefined)
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
