import { restoreCheckpoint, restoreWindows, type CheckpointHeader, type RestoredState, type StateChanges } from '../delivery/checkpoint-form.js'
import type { Ledger } from '../delivery/ledger.js'
import { askForReplace } from '../delivery/run-record.js'
import { retrying, type RetryContext } from '../delivery/retry.js'
import { RefusedError } from '../failure.js'
import { describePlan, type Plan } from '../pipeline/define.js'
import { graphDifference } from '../pipeline/hash.js'
import type { CheckpointWrite, Host, StoredCheckpoint } from '../store.js'
import type { Compiled } from './compile.js'
import { readLedger, restoreCounters, saveCounters, type EdgeCounts } from './counters.js'
import type { DeadLetterBuffer } from './dead-letter-buffer.js'
import { checkpointWrite, commitAll, commitCheckpoint, prepareAll, writeRows } from './epoch.js'
import type { Inputs } from './inputs.js'
import type { Ports } from './ports.js'
import type { RunHistory } from './run-history.js'
import type { Drop } from './operator.js'
import { StateLog } from './state-log.js'

/** What a committer commits. */
export interface Committed {
  readonly plan: Plan
  readonly compiled: Compiled
  readonly inputs: Inputs
  readonly deadLetters: DeadLetterBuffer
  readonly history: RunHistory
  readonly retry: RetryContext
  readonly drop: Drop | undefined
}

/** Makes epochs durable: rows, dead letters, state, offsets and ledger together; and finds the last one again. */
export class Committer {
  readonly #edges: EdgeCounts = { deadLettersWritten: 0 }
  readonly #log = new StateLog()
  readonly graph: readonly string[]
  #epoch = 0
  #restored: { readonly header: CheckpointHeader; readonly state: RestoredState; readonly stored: StoredCheckpoint } | undefined
  /** As of the last epoch. */
  committed: Ledger
  /** As this process found it. */
  atStart: Ledger

  constructor(
    readonly run: Committed,
    readonly ports: Ports,
  ) {
    this.graph = describePlan(run.plan)
    this.committed = this.atStart = this.ledger
  }

  /** As of now. */
  get ledger(): Ledger {
    const { compiled, inputs, deadLetters } = this.run
    return readLedger(compiled, inputs.intakes, this.#edges, deadLetters.size)
  }

  /** Reads the last checkpoint; what it had prepared becomes visible before anything else happens. */
  async recover(): Promise<void> {
    const { plan, history, retry } = this.run
    const { host, checkpoints } = this.ports
    const stored = await retrying(retry, 'the checkpoint to be read', async () => host?.readCheckpoint(plan.name) ?? checkpoints?.read(plan.name))
    if (stored === undefined) return
    this.#restored = { ...restoreCheckpoint(plan.name, stored), stored }
    const { header, state } = this.#restored
    this.#epoch = header.epoch
    history.restore([...state.runs.values()])
    await commitAll(this.ports, header.epoch, header.tokens)
  }

  /**
   * Begins the run where the checkpoint left it, or anew.
   * @throws RefusedError if the checkpoint is another graph's
   */
  begin(resume: boolean): void {
    const { compiled, inputs, history } = this.run
    if (resume && this.#restored !== undefined) {
      const { header, state, stored } = this.#restored
      this.#checkGraph(header)
      this.#restoreWindows(stored)
      for (const [read, partitions] of state.partitions) {
        for (const [partition, progress] of partitions) {
          inputs.restore(read, partition, progress)
          if (progress.ended) history.copyOf(partition, progress.digest)
        }
      }
      restoreCounters(compiled, inputs.intakes, this.#edges, header.counters)
    }
    this.#restored = undefined
    this.committed = this.atStart = this.ledger
  }

  #restoreWindows(stored: StoredCheckpoint): void {
    const { plan, compiled } = this.run
    const aggregates = new Map(compiled.aggregates.map((aggregate) => [aggregate.stage, aggregate]))
    let accumulators = 0
    restoreWindows(plan.name, stored, (log) => {
      accumulators += log.cells.length
      aggregates.get(log.stage)?.restore(log)
    })
    for (const aggregate of compiled.aggregates) aggregate.restored()
    this.#log.resume(stored.changes, accumulators, compiled.aggregates.reduce((sum, { openWindows }) => sum + openWindows, 0))
  }

  /** @throws RefusedError if all windows of an unbounded input have fired: what came now would be half a bar */
  refuseDrained(): void {
    if (this.#restored?.header.drained !== true) return
    const { name } = this.run.plan
    throw new RefusedError(
      `pipeline '${name}' has ended here for good: its input was drained, all windows have fired, and what came now would make half a window of some. Write to another store, or give the pipeline another name.`,
      'Drained',
    )
  }

  /** Whether the last checkpoint, if there is one, can be resumed: its graph is this one. */
  get fits(): boolean {
    return this.#restored === undefined || graphDifference(this.#restored.header.graph, this.graph) === ''
  }

  #checkGraph({ graph }: CheckpointHeader): void {
    const difference = graphDifference(graph, this.graph)
    if (difference === '') return
    const { plan, inputs } = this.run
    const otherwise = inputs.bounded ? `${askForReplace} to begin again` : 'give the changed one another name'
    throw new RefusedError(
      `the checkpoint of pipeline '${plan.name}' was made by another graph (${difference}), so its open windows and offsets do not fit. Finish that run with the pipeline as it was, or ${otherwise}.`,
      'GraphChanged',
    )
  }

  /** One epoch; nothing is under way while it lasts. The last one leaves nothing but the run's record. */
  async commit(last: boolean): Promise<void> {
    const { plan, compiled, inputs, deadLetters, history, retry, drop } = this.run
    const context = { pipeline: plan.name, version: plan.version, compiled, ports: this.ports, deadLetters, gaps: inputs.gaps, edges: this.#edges, retry, drop }
    const rows = await writeRows(context)
    this.#epoch++
    const tokens = await prepareAll(this.ports, this.#epoch)
    const { ledger } = this
    if (last) history.finish(ledger, this.graph)
    const header = this.#header(saveCounters(compiled, inputs.intakes, this.#edges), tokens, ledger, last && history.current === undefined)
    const all = last || this.#log.wantsReset
    const moves = inputs.takeMoves(all)
    let changes = this.#changes(inputs.changesOf(moves), all, last)
    let room: ReturnType<RunHistory['makeRoom']> = 'again'
    for (;;) {
      const result = await commitCheckpoint(context, rows, header, () => this.#log.write(header, all, changes), history.claim(last, room === 'force'))
      if (result._tag === 'Committed') {
        history.committed(result.replaced)
        break
      }
      const forced: boolean = room === 'force'
      room = forced ? 'refuse' : history.makeRoom(result.owner)
      if (room === 'refuse') {
        history.notCommitted()
        await this.refuse(history.conflict(result, forced))
      }
      const { runs, removedRuns } = history.takeChanges(all)
      changes = { ...changes, runs: all ? runs : [...changes.runs, ...runs], removedRuns: [...changes.removedRuns, ...removedRuns] }
    }
    await commitAll(this.ports, this.#epoch, tokens)
    await inputs.settle(moves)
    this.committed = ledger
  }

  #header(counters: CheckpointHeader['counters'], tokens: CheckpointHeader['tokens'], ledger: Ledger, drained = false): CheckpointHeader {
    return { format: 1, drained, graph: this.graph, epoch: this.#epoch, run: this.run.history.current?.id ?? null, counters, tokens, ledger }
  }

  #changes(partitions: StateChanges['partitions'], all: boolean, last: boolean): StateChanges {
    const { compiled, history } = this.run
    const windows = compiled.aggregates.map((aggregate) => ({ stage: aggregate.stage, ...aggregate.takeChanges(all) }))
    if (last) history.rememberDigests(new Map(partitions.map(({ partition, progress }) => [partition, progress.digest])))
    const forgets = last && history.current !== undefined
    return { windows: last ? [] : windows, partitions: forgets ? [] : partitions, ...history.takeChanges(all) }
  }

  /** A refused run leaves nothing behind, where there is a store that can undo it. */
  async refuse(error: RefusedError): Promise<never> {
    const { plan, history, retry } = this.run
    const { host, checkpoints } = this.ports
    const { current: run, gone, loss } = history
    // One transaction each. The run itself is last: after a crash it is still there, as one that has read nothing, and is refused again.
    if (host !== undefined) for (const id of gone) await this.#rollBack(host, id)
    history.forget()
    if (host === undefined) {
      await retrying(retry, 'the checkpoint to be written', async () => checkpoints?.write(plan.name, this.#emptied()))
      throw new RefusedError(`${error.message} What this run had written to its sinks by then is still there.`, error._tag)
    }
    if (run !== undefined) await this.#rollBack(host, run.id)
    throw new RefusedError(`${error.message} Nothing of this run was kept.${loss}`, error._tag)
  }

  async #rollBack(host: Host, run: string): Promise<void> {
    const write = this.#emptied()
    await retrying(this.run.retry, 'the store to take back a run', () => host.rollbackRun(this.run.plan.name, run, write))
  }

  /** A checkpoint with no state but the records of runs. */
  #emptied(): CheckpointWrite {
    this.#epoch++
    return checkpointWrite(this.#header({}, {}, this.atStart), true, { windows: [], partitions: [], ...this.run.history.takeChanges(true) })
  }
}
