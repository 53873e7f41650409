import type { DuckDBConnection } from '@duckdb/node-api'
import {
  type CheckpointWrite, type Clock, type CommitResult, ConnectorError, type EpochCommit, type Host, type Row, type StoredCheckpoint,
} from '@millrace/core'
import { appendRows } from './append-rows.js'
import { writeCheckpoint } from './checkpoint-tables.js'
import { assertUsable, type Database, type Lease, renewIfDue } from './database.js'
import { classify, closedError, isDuplicateKey, isOutOfMemory } from './errors.js'
import { planKey } from './plan-key.js'
import { readCheckpoint } from './read-checkpoint.js'
import { type Claim, type Foreign, makeRoom, type Room } from './replace-rows.js'
import { deleteRun, enterRun, findRun, type KnownRun, type Session } from './runs.js'
import type { TablePlan } from './table-plan.js'
import { inTransaction, type Verdict } from './transaction.js'

interface Part {
  readonly plan: TablePlan
  readonly rows: readonly Row<unknown>[]
}

const conflictOf = ({ owner, pipeline, example }: Foreign, epoch: EpochCommit): CommitResult => {
  const another = pipeline !== undefined && pipeline !== epoch.pipeline
  return { _tag: 'Conflict', owner: owner?.run, ...(another ? { pipeline } : {}), example }
}

/**
 * An open file as the host of epochs: rows and checkpoint in one transaction. The first attempt takes every key for
 * new, which is nearly always true and costs no look-up; if one is not, it is rolled back and the epoch is written with care.
 */
export class DuckDbHost implements Host {
  readonly #lease: Lease
  readonly #connection: DuckDBConnection
  readonly #clock: Clock
  readonly #signal: AbortSignal
  /** Tables that overwrite keys all the time (accumulating panes): for them the first attempt is a waste. */
  readonly #overwriting = new Set<TablePlan>()
  readonly #stopListening: () => void
  #work: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined
  #needsMemory = false

  constructor(lease: Lease, connection: DuckDBConnection, clock: Clock, signal: AbortSignal) {
    this.#lease = lease
    this.#connection = connection
    this.#clock = clock
    this.#signal = signal
    const interrupt = (): void => connection.interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    this.#stopListening = () => signal.removeEventListener('abort', interrupt)
  }

  get #database(): Database {
    return this.#lease.database
  }

  get #session(): Session {
    return { database: this.#database, connection: this.#connection }
  }

  commitEpoch(epoch: EpochCommit): Promise<CommitResult> {
    return this.#alone(async () => {
      const result = await this.#commitEpoch(epoch)
      await renewIfDue(this.#database, { clock: this.#clock, signal: this.#signal })
      return result
    })
  }

  readCheckpoint(pipeline: string): Promise<StoredCheckpoint | undefined> {
    return this.#alone(() => {
      assertUsable(this.#database)
      return this.#database.memory.lifted(() => readCheckpoint(this.#connection, this.#database.path, pipeline))
    })
  }

  rollbackRun(pipeline: string, run: string, checkpoint: CheckpointWrite): Promise<void> {
    return this.#alone(() =>
      inTransaction(this.#database, this.#connection, async () => {
        const known = await findRun(this.#session, pipeline, run)
        if (known !== undefined) await deleteRun(this.#session, known.number)
        await writeCheckpoint(this.#session, pipeline, checkpoint)
        return { keep: true, value: undefined }
      }),
    )
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#stopListening()
    this.#connection.interrupt()
    // What was interrupted reports that to its own caller.
    await this.#work.catch(() => undefined)
    this.#connection.disconnectSync()
    await this.#lease.release()
  }

  /** One writer of the file at a time; errors become ours. */
  #alone<A>(work: () => Promise<A>): Promise<A> {
    if (this.#closed !== undefined) return Promise.reject(closedError(this.#database.path))
    const done = this.#database.turn.run(async () => {
      if (this.#closed !== undefined) throw closedError(this.#database.path)
      return work()
    }).catch((error: unknown) => {
      throw classify(error, this.#database.path)
    })
    this.#work = done
    return done
  }

  /**
   * The index of a table that grows in random places is in memory as a whole: beyond a million dead letters it may not fit
   * into the limit, and from then on does not.
   */
  async #commitEpoch(epoch: EpochCommit): Promise<CommitResult> {
    if (!this.#needsMemory) {
      try {
        return await this.#commitParts(epoch)
      } catch (error) {
        if (!isOutOfMemory(error)) throw error
        this.#needsMemory = true
      }
    }
    return this.#database.memory.lifted(() => this.#commitParts(epoch))
  }

  async #commitParts(epoch: EpochCommit): Promise<CommitResult> {
    const parts = this.#partsOf(epoch)
    if (!parts.some(({ plan }) => this.#overwriting.has(plan))) {
      const result = await this.#attempt(() => this.#write(epoch, parts, false))
      if (result !== undefined) return result
    }
    return inTransaction(this.#database, this.#connection, () => this.#write(epoch, parts, true))
  }

  #partsOf({ pipeline, rows }: EpochCommit): readonly Part[] {
    const parts: Part[] = []
    for (const [sink, some] of rows) if (some.length > 0) parts.push({ plan: this.#planOf(pipeline, sink), rows: some })
    return parts
  }

  /** `undefined`: a key was there. */
  async #attempt(write: () => Promise<Verdict<CommitResult>>): Promise<CommitResult | undefined> {
    try {
      return await inTransaction(this.#database, this.#connection, write)
    } catch (error) {
      if (isDuplicateKey(error)) return undefined
      throw error
    }
  }

  #planOf(pipeline: string, sink: string): TablePlan {
    const plan = this.#database.plans.get(planKey(pipeline, sink))
    if (plan !== undefined) return plan
    throw new ConnectorError({
      _tag: 'UnknownSink', code: 'Internal',
      message: `${this.#database.path} has no open sink "${sink}" of pipeline "${pipeline}": open the sink before its rows are committed`,
    })
  }

  async #write(epoch: EpochCommit, parts: readonly Part[], careful: boolean): Promise<Verdict<CommitResult>> {
    const claim = await this.#claimOf(epoch)
    const replaced = new Set<string>()
    for (const part of parts) {
      const room = careful ? await this.#makeRoom(part, claim, replaced) : part
      if ('example' in room) return { keep: false, value: conflictOf(room, epoch) }
      await this.#append(part.plan, room.rows, epoch, claim)
    }
    if (epoch.run?.last === true) await this.#replaceKnown(claim, replaced)
    await writeCheckpoint(this.#session, epoch.pipeline, epoch.checkpoint)
    return { keep: true, value: { _tag: 'Committed', replaced: [...replaced] } }
  }

  async #makeRoom({ plan, rows }: Part, claim: Claim | undefined, replaced: Set<string>): Promise<Room | Foreign> {
    const room = await this.#database.memory.lifted(() => makeRoom(this.#session, plan, rows, claim))
    if ('example' in room) return room
    if (room.overwritten > 0) this.#overwriting.add(plan)
    else this.#overwriting.delete(plan)
    room.replaced.forEach((run) => replaced.add(run))
    return room
  }

  async #append(plan: TablePlan, rows: readonly Row<unknown>[], { version }: EpochCommit, claim: Claim | undefined): Promise<void> {
    await appendRows(this.#connection, plan.rows({ version, nowMillis: this.#clock.now() }), rows)
    if (claim !== undefined) await appendRows(this.#connection, plan.owned(claim.me.number), rows)
  }

  async #claimOf({ pipeline, run }: EpochCommit): Promise<Claim | undefined> {
    if (run === undefined) return undefined
    const me = await enterRun(this.#session, pipeline, run.id)
    const replaces: KnownRun[] = []
    for (const id of run.replaces) {
      const known = id === run.id ? undefined : await findRun(this.#session, pipeline, id)
      if (known !== undefined) replaces.push(known)
    }
    return { me, replace: run.replace, replaces }
  }

  /** What the run has written itself is its own by now, and stays. */
  async #replaceKnown(claim: Claim | undefined, replaced: Set<string>): Promise<void> {
    for (const { number, run } of claim?.replaces ?? []) {
      await deleteRun(this.#session, number)
      replaced.add(run)
    }
  }
}
