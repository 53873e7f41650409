import type { Ledger } from '../delivery/ledger.js'
import { droppedOutBy, filesOf, judgeRun, nameSome, refuseConflict, refuseCopy, refuseForeign, refuseOtherGraph, type RunRecord } from '../delivery/run-record.js'
import type { RefusedError } from '../failure.js'
import type { Partition } from '../source.js'
import type { CommitResult, RunClaim } from '../store.js'
import { graphDifference } from '../pipeline/hash.js'
import { stableId } from '../pipeline/stable-id.js'

type Conflict = Extract<CommitResult, { readonly _tag: 'Conflict' }>

/** The bounded runs that a checkpoint remembers, and the one that is under way. */
export class RunHistory {
  readonly #runs = new Map<string, RunRecord>()
  readonly #digests = new Map<string, string>()
  #current: RunRecord | undefined
  #changed = false
  #removed: string[] = []
  /** What this epoch learned, to be undone if it is refused: the run as it was, and the records that were to go. */
  #before: RunRecord | undefined
  #unsettled: RunRecord[] = []
  #lost: RunRecord[] = []
  resumed = false

  constructor(
    readonly pipeline: string,
    readonly replace: boolean,
  ) {}

  get current(): RunRecord | undefined {
    return this.#current
  }

  get unfinished(): RunRecord | undefined {
    return [...this.#runs.values()].find(({ finished }) => !finished)
  }

  restore(runs: readonly RunRecord[]): void {
    for (const run of runs) this.#runs.set(run.id, run)
  }

  /**
   * @param graph - the stages of this pipeline
   * @param resumable - whether an unfinished run's state fits this pipeline
   * @throws RefusedError if the input overlaps what other runs read, or was read by other stages
   */
  judge(partitions: readonly Partition[], nowMillis: number, graph: readonly string[], resumable: boolean): 'done' | 'resume' | 'fresh' {
    const files = filesOf(partitions)
    const identity = stableId([this.pipeline, files.map(({ name, fingerprint }) => [name, fingerprint])])
    const verdict = judgeRun([...this.#runs.values()], identity, files, this.replace, resumable)
    if (verdict._tag === 'Done') {
      const difference = graphDifference(verdict.run.graph ?? graph, graph)
      if (difference !== '') throw refuseOtherGraph(verdict.run, difference)
    }
    if (verdict._tag !== 'Fresh') {
      this.#current = verdict.run
      this.resumed = verdict._tag === 'Resume'
      return verdict._tag === 'Done' ? 'done' : 'resume'
    }
    const id = stableId([identity, nowMillis, [...this.#runs.keys()]]).slice(0, 16)
    // What a run that never finished was about to replace is half gone: it goes as well.
    const replaces = [...new Set(verdict.replaces.flatMap((run) => (run.finished ? [run.id] : [run.id, ...run.replaces])))]
    this.#set({ id, identity, startedAtMillis: nowMillis, finished: false, files, replaces, droppedOut: droppedOutBy(verdict.replaces, files) })
    return 'fresh'
  }

  #set(run: RunRecord): void {
    this.#current = run
    this.#runs.set(run.id, run)
    this.#changed = true
  }

  /** Whether the rows of other runs may go. */
  get replacing(): boolean {
    return this.replace || (this.#current?.replaces.length ?? 0) > 0
  }

  /** Runs whose rows this one has begun to take over; their records went with the first of them. */
  get gone(): readonly string[] {
    return this.#current?.replaces.filter((id) => !this.#runs.has(id)) ?? []
  }

  /**
   * For one epoch. Runs are learned by conflict, one by one, so that the record of each goes in the very transaction that takes its
   * first row; `force` is for rows that no known run owns.
   */
  claim(last: boolean, force: boolean): RunClaim | undefined {
    const run = this.#current
    return run === undefined ? undefined : { id: run.id, replace: force, replaces: last ? run.replaces : this.gone, last }
  }

  /** An epoch is durable: rows of these runs are gone, and their records go with it or with the next one. */
  committed(replaced: readonly string[]): void {
    this.#replaced(replaced)
    this.#lost.push(...this.#unsettled)
    this.#unsettled = []
    this.#before = undefined
  }

  /** An epoch is refused: what it was about to replace is still there. */
  notCommitted(): void {
    for (const run of this.#unsettled) this.#runs.set(run.id, run)
    this.#unsettled = []
    if (this.#before !== undefined) this.#set(this.#before)
    this.#before = undefined
  }

  /** What a refused run can no longer give back, in words; empty if there is nothing. */
  get loss(): string {
    if (this.gone.length === 0) return ''
    const lost = this.#lost.filter(({ id }) => this.gone.includes(id))
    // Of those that went before a crash there is no record left to tell their files by.
    const files = lost.length < this.gone.length ? '' : ` (${nameSome(lost.flatMap((run) => run.files.map(({ name }) => name)))})`
    return ` The rows of the runs that it had begun to replace are gone: run their files again${files}.`
  }

  #replaced(ids: readonly string[]): void {
    this.#plan(ids)
    this.#removeReplaced(ids)
  }

  /** These runs are to go, at the latest when this one ends. */
  #plan(ids: readonly string[]): void {
    const run = this.#current
    const more = ids.filter((id) => run !== undefined && !run.replaces.includes(id))
    if (run === undefined || more.length === 0) return
    const known = more.flatMap((id) => this.#runs.get(id) ?? [])
    const droppedOut = [...new Set([...run.droppedOut, ...droppedOutBy(known, run.files)])].sort()
    this.#set({ ...run, replaces: [...run.replaces, ...more], droppedOut })
  }

  /** A row of `owner` is in the way. Answers how to go on. */
  makeRoom(owner: string | undefined): 'refuse' | 'again' | 'force' {
    if (!this.replacing) return 'refuse'
    if (owner === undefined || this.gone.includes(owner)) return 'force'
    this.#before ??= this.#current
    this.#replaced([owner])
    return 'again'
  }

  finish(ledger: Ledger, graph: readonly string[]): void {
    if (this.#current === undefined) return
    this.#set({ ...this.#current, finished: true, ledger, graph })
    this.#removeReplaced(this.#current.replaces)
  }

  #removeReplaced(ids: readonly string[]): void {
    for (const id of ids) {
      const run = this.#runs.get(id)
      if (run === undefined) continue
      this.#runs.delete(id)
      this.#removed.push(id)
      this.#unsettled.push(run)
    }
  }

  rememberDigests(digests: ReadonlyMap<string, string | undefined>): void {
    if (this.#current === undefined) return
    const files = this.#current.files.map((file) => {
      const digest = digests.get(file.name)
      return digest === undefined ? file : { ...file, digest }
    })
    this.#set({ ...this.#current, files })
  }

  /** @throws RefusedError if the partition has the content of another one that is counted already */
  copyOf(partition: string, digest: string | undefined): RefusedError | undefined {
    if (this.#current === undefined || digest === undefined) return undefined
    const twin = this.#digests.get(digest)
    if (twin !== undefined && twin !== partition) return refuseCopy(partition, twin, undefined)
    this.#digests.set(digest, partition)
    for (const run of this.#runs.values()) {
      const copy = run.id === this.#current.id ? undefined : run.files.find((file) => file.digest === digest)
      if (copy === undefined || this.#current.replaces.includes(run.id)) continue
      if (!this.replacing) return refuseCopy(partition, copy.name, run)
      this.#plan([run.id])
    }
    return undefined
  }

  /** @param forced - all rows that this pipeline could replace would have been: what is left is another one's */
  conflict({ owner, pipeline, example }: Conflict, forced: boolean): RefusedError {
    const files = this.#current?.files ?? []
    const run = owner === undefined ? undefined : this.#runs.get(owner)
    // A pipeline's records and its rows are one transaction: whom it has no record of is not its own.
    const foreign = run === undefined && (forced || owner !== undefined)
    return foreign ? refuseForeign(pipeline, example, files) : refuseConflict(run, example, files)
  }

  forget(): void {
    if (this.#current !== undefined) this.#runs.delete(this.#current.id)
    this.#current = undefined
  }

  takeChanges(all: boolean): { readonly runs: readonly RunRecord[]; readonly removedRuns: readonly string[] } {
    const runs = all ? [...this.#runs.values()] : this.#changed && this.#current !== undefined ? [this.#current] : []
    const removedRuns = all ? [] : this.#removed
    this.#changed = false
    this.#removed = []
    return { runs, removedRuns }
  }
}
