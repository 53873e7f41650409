import type { Ledger } from '../delivery/ledger.js'
import { droppedOutBy, filesOf, judgeRun, refuseConflict, refuseCopy, type RunRecord } from '../delivery/run-record.js'
import type { RefusedError } from '../failure.js'
import type { Partition } from '../source.js'
import type { RunClaim } from '../store.js'
import { stableId } from '../pipeline/stable-id.js'

/** The bounded runs that a checkpoint remembers, and the one that is under way. */
export class RunHistory {
  readonly #runs = new Map<string, RunRecord>()
  readonly #digests = new Map<string, string>()
  #current: RunRecord | undefined
  #changed = false
  #removed: string[] = []
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

  /** @throws RefusedError if the input overlaps what other runs read */
  judge(partitions: readonly Partition[], nowMillis: number): 'done' | 'resume' | 'fresh' {
    const files = filesOf(partitions)
    const identity = stableId([this.pipeline, files.map(({ name, fingerprint }) => [name, fingerprint])])
    const verdict = judgeRun([...this.#runs.values()], identity, files, this.replace)
    if (verdict._tag !== 'Fresh') {
      this.#current = verdict.run
      this.resumed = verdict._tag === 'Resume'
      return verdict._tag === 'Done' ? 'done' : 'resume'
    }
    const id = stableId([identity, nowMillis, [...this.#runs.keys()]]).slice(0, 16)
    const replaces = verdict.replaces.map((run) => run.id)
    this.#set({ id, identity, startedAtMillis: nowMillis, finished: false, files, replaces, droppedOut: droppedOutBy(verdict.replaces, files) })
    return 'fresh'
  }

  #set(run: RunRecord): void {
    this.#current = run
    this.#runs.set(run.id, run)
    this.#changed = true
  }

  claim(last: boolean): RunClaim | undefined {
    const run = this.#current
    return run === undefined ? undefined : { id: run.id, replace: this.replace || run.replaces.length > 0, replaces: run.replaces, last }
  }

  /** Rows of these runs were in the way and are gone. */
  replaced(ids: readonly string[]): void {
    const run = this.#current
    const more = ids.filter((id) => run !== undefined && !run.replaces.includes(id))
    if (run === undefined || more.length === 0) return
    const replaces = [...run.replaces, ...more]
    this.#set({ ...run, replaces, droppedOut: droppedOutBy(this.#known(replaces), run.files) })
    if (run.finished) this.#removeReplaced(replaces)
  }

  #known(ids: readonly string[]): RunRecord[] {
    return ids.flatMap((id) => this.#runs.get(id) ?? [])
  }

  finish(ledger: Ledger): void {
    if (this.#current === undefined) return
    this.#set({ ...this.#current, finished: true, ledger })
    this.#removeReplaced(this.#current.replaces)
  }

  #removeReplaced(ids: readonly string[]): void {
    for (const id of ids) if (this.#runs.delete(id)) this.#removed.push(id)
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
      if (!this.replace) return refuseCopy(partition, copy.name, run)
      this.replaced([run.id])
    }
    return undefined
  }

  conflict(owner: string | undefined, example: string): RefusedError {
    return refuseConflict(owner === undefined ? undefined : this.#runs.get(owner), example, this.#current?.files ?? [])
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
