import { copyBytes } from '../codec/data.js'
import type { Data } from '../data.js'
import type { CheckpointHeader, StateChanges } from '../delivery/checkpoint-form.js'
import { packChanges } from '../delivery/checkpoint-form.js'
import { retrying, type RetryContext } from '../delivery/retry.js'
import { ConnectorError } from '../failure.js'
import type { Row } from '../sink.js'
import type { CheckpointWrite, CommitResult, RunClaim } from '../store.js'
import type { Compiled } from './compile.js'
import type { EdgeCounts } from './counters.js'
import type { DeadLetterBuffer } from './dead-letter-buffer.js'
import type { GapBuffer } from './gap-buffer.js'
import type { Drop } from './operator.js'
import type { Outlet } from './outlets.js'
import type { Ports } from './ports.js'

/** Rows that a store commits with the epoch, by sink. */
type StoreRows = Map<string, Row<unknown>[]>

/** What an epoch needs of its run. */
export interface EpochContext {
  readonly pipeline: string
  readonly version: string
  readonly compiled: Compiled
  readonly ports: Ports
  readonly deadLetters: DeadLetterBuffer
  readonly gaps: GapBuffer
  readonly edges: EdgeCounts
  readonly retry: RetryContext
  readonly drop: Drop | undefined
}

const keep = (rows: StoreRows, outlet: Outlet, accepted: readonly Row<unknown>[]): void => {
  if (outlet.sink.store === undefined) return
  const kept = rows.get(outlet.sink.name)
  if (kept === undefined) rows.set(outlet.sink.name, [...accepted])
  else for (const row of accepted) kept.push(row)
}

/** Without a sink for them gaps have done what they can: their windows are not complete. */
const writeGaps = async (gaps: GapBuffer, { gaps: outlet }: Ports, rows: StoreRows): Promise<void> => {
  const waiting = gaps.take()
  if (outlet === undefined || waiting.length === 0) return
  const { accepted, rejected } = await outlet.write(waiting)
  const [refused] = rejected
  if (refused !== undefined) throw new ConnectorError({ ...refused.failure, _tag: 'GapSink', code: 'Internal', message: `the sink of gaps '${outlet.sink.name}' rejected a gap: ${refused.failure.message}` })
  keep(rows, outlet, accepted)
}

/** Hands every waiting row to its sink; what a sink rejects joins the dead letters, which are written last. */
export const writeRows = async ({ compiled, ports, deadLetters, gaps, edges, drop }: EpochContext): Promise<StoreRows> => {
  const rows: StoreRows = new Map()
  for (const { stage, operator } of compiled.writes) {
    if (operator.waiting === 0) continue
    if (drop?.(stage.name, 'sink') === true) {
      operator.clear(0)
      continue
    }
    const outlet = ports.outlets.get(stage.name) as Outlet // as: one outlet per write
    const { accepted, rejected } = await outlet.write(operator.rows)
    for (const { index, failure, attempt } of rejected) operator.rejectRow(index, failure, attempt)
    operator.clear(accepted.length)
    keep(rows, outlet, accepted)
  }
  await writeGaps(gaps, ports, rows)
  const letters = deadLetters.take()
  if (letters.length > 0 && drop?.('dead letters', 'sink') !== true) {
    const { accepted, rejected } = await ports.deadLetters.write(letters)
    const [refused] = rejected
    if (refused !== undefined) throw new ConnectorError({ ...refused.failure, _tag: 'DeadLetterSink', code: 'Internal', message: `the dead-letter sink '${ports.deadLetters.sink.name}' rejected a dead letter: ${refused.failure.message}` })
    edges.deadLettersWritten += accepted.length
    keep(rows, ports.deadLetters, accepted)
  }
  return rows
}

const outletsOf = (ports: Ports): Outlet[] => [...new Set([...ports.outlets.values(), ports.deadLetters, ...(ports.gaps === undefined ? [] : [ports.gaps])])]

/** Durable, and not yet visible: the tokens that make it so. */
export const prepareAll = async (ports: Ports, epoch: number): Promise<Record<string, Data>> => {
  const tokens: Record<string, Data> = {}
  for (const outlet of outletsOf(ports)) {
    if (outlet.sink.store !== undefined) continue
    const token = await outlet.prepare(epoch)
    if (token !== undefined) tokens[outlet.sink.name] = token
  }
  return tokens
}

/** Makes visible what was prepared; repeated by recovery with the tokens of the last checkpoint. */
export const commitAll = async (ports: Ports, epoch: number, tokens: Readonly<Record<string, Data>>): Promise<void> => {
  for (const outlet of outletsOf(ports)) {
    const token = tokens[outlet.sink.name]
    if (token !== undefined) await outlet.commit(epoch, token)
  }
}

/** The checkpoint becomes durable: with the rows of its store, in one transaction, if there is one. */
export const commitCheckpoint = async (
  { pipeline, version, ports, retry }: EpochContext,
  rows: StoreRows,
  header: CheckpointHeader,
  checkpoint: () => CheckpointWrite,
  run: RunClaim | undefined,
): Promise<CommitResult> => {
  const { host, checkpoints } = ports
  if (host === undefined && checkpoints === undefined) return { _tag: 'Committed', replaced: [] }
  const written = checkpoint()
  if (host !== undefined) {
    return retrying(retry, 'the store to commit an epoch', () => host.commitEpoch({ pipeline, version, number: header.epoch, rows, checkpoint: written, ...(run === undefined ? {} : { run }) }))
  }
  await retrying(retry, 'the checkpoint to be written', async () => checkpoints?.write(pipeline, written))
  return { _tag: 'Committed', replaced: [] }
}

/** A checkpoint in the form that stores take: the header as Data, the changes packed. */
export const checkpointWrite = (header: CheckpointHeader, reset: boolean, changes: StateChanges, copy = copyBytes): CheckpointWrite => ({
  header: header as unknown as Data, // as: an interface of Data members is not assignable to an index signature
  reset,
  changes: packChanges(changes, copy),
})
