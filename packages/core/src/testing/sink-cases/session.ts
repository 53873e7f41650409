import { silentLogger } from '../../logger.js'
import type { Data } from '../../data.js'
import type { Outcome, Row, SinkContext, SinkWriter } from '../../sink.js'
import type { CheckpointWrite, CommitResult, Host, RunClaim } from '../../store.js'
import { systemClock } from '../../time/system.js'
import { copyData } from '../copy-data.js'
import { seededRandom } from '../seeded-random.js'
import type { SinkFixture, SinkHarness } from '../sink-harness.js'
import type { ConformanceCase } from '../suite.js'

/** A case works with any value: it hands it back to the fixture it came from. */
// `any`: the fixture takes back only what it gave.
export type AnySinkHarness = SinkHarness<any>
// `any`: as above.
export type AnyFixture = SinkFixture<any>

/** A case of the sink suite. */
export type SinkCase = ConformanceCase<AnySinkHarness>

/** The pipeline that all cases write as. */
export const pipeline = 'conformance'

const version = '1'

const sinkContext = (): SinkContext => ({
  clock: systemClock,
  random: seededRandom(1),
  signal: new AbortController().signal,
  logger: silentLogger,
  pipeline,
  version,
})

/** An open sink, and its store if it has one. */
export interface Session {
  readonly name: string
  readonly writer: SinkWriter<unknown>
  readonly host: Host | undefined
  /** Closes both, the sink first. */
  close(): Promise<void>
}

/** Opens a new sink value: the store before the sink, as the runtime does. */
export const openSession = async (fixture: AnyFixture): Promise<Session> => {
  const sink = fixture.sink()
  const context = sinkContext()
  const host = await sink.store?.open({ clock: context.clock, signal: context.signal })
  const writer = await sink.open(context)
  const close = async (): Promise<void> => {
    await writer.close()
    await host?.close()
  }
  return { name: sink.name, writer, host, close }
}

const deepFreeze = (value: unknown): void => {
  // What has bytes in it cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
}

/** Frozen, so that a sink that changes what it is given fails. */
export const rowOf = (value: unknown, rowId: string): Row<unknown> => {
  const row = { value, rowId }
  deepFreeze(row)
  return row
}

/** Good rows; a rowId follows from index and revision. */
export const rowsOf = (fixture: AnyFixture, from: number, to: number, revision = 0): readonly Row<unknown>[] =>
  Array.from({ length: to - from }, (_, offset) => {
    const index = from + offset
    return rowOf(fixture.value(index, revision), `row-${index}-${revision}`)
  })

/** Rows as a reader should see them, sorted. */
export const shown = (fixture: AnyFixture, rows: readonly Row<unknown>[]): readonly string[] =>
  rows.map((row) => fixture.show(row.value)).toSorted()

/** What a reader sees, sorted. */
export const seen = async (fixture: AnyFixture): Promise<readonly string[]> => (await fixture.received()).toSorted()

/** What an epoch is committed with, beside its rows. */
export interface EpochOptions {
  /** Default the suite's own. */
  readonly pipeline?: string
  readonly header?: Data
  readonly run?: RunClaim
  readonly changes?: readonly Uint8Array[]
  readonly reset?: boolean
}

/** A checkpoint that says which epoch it is. */
export const checkpointOf = (epoch: number, options: EpochOptions = {}): CheckpointWrite => ({
  header: options.header ?? { epoch },
  reset: options.reset ?? false,
  changes: options.changes ?? [],
})

/** Commits rows that were judged, by the session's store. */
export const commitHosted = (
  { name, host }: Session,
  epoch: number,
  rows: readonly Row<unknown>[],
  options: EpochOptions = {},
): Promise<CommitResult> => {
  if (host === undefined) throw new Error('this sink has no store')
  return host.commitEpoch({
    pipeline: options.pipeline ?? pipeline,
    version,
    number: epoch,
    rows: new Map([[name, rows]]),
    checkpoint: checkpointOf(epoch, options),
    ...(options.run && { run: options.run }),
  })
}

/** The rows that were answered `Written`. */
export const writtenOf = (rows: readonly Row<unknown>[], outcomes: readonly Outcome[]): readonly Row<unknown>[] =>
  rows.filter((_row, index) => outcomes[index]?._tag === 'Written')

/** A token as recovery finds it in a checkpoint. */
export const throughCheckpoint = (token: Data): Data => copyData(token)

/** All that the runtime does with the rows of an epoch, by whichever way this sink makes them durable and visible. */
export const deliver = async (
  session: Session,
  epoch: number,
  rows: readonly Row<unknown>[],
  options: EpochOptions = {},
): Promise<readonly Outcome[]> => {
  const { writer, host } = session
  const outcomes = await writer.write(rows)
  if (host !== undefined) await commitHosted(session, epoch, writtenOf(rows, outcomes), options)
  const token = await writer.prepare?.(epoch)
  if (token !== undefined) await writer.commit?.(epoch, token)
  return outcomes
}

/** Opens a target, and closes it whatever happens, after the sessions. */
export const withTarget = async (
  harness: AnySinkHarness,
  use: (fixture: AnyFixture, open: () => Promise<Session>) => Promise<void>,
): Promise<void> => {
  const fixture = await harness.open()
  const sessions: Session[] = []
  const open = async (): Promise<Session> => {
    const session = await openSession(fixture)
    sessions.push(session)
    return session
  }
  try {
    await use(fixture, open)
  } finally {
    for (const session of sessions) await session.close()
    await fixture.close()
  }
}
