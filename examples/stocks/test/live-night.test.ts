// A market closes for the night: its last windows close as well, in virtual time, and the morning is not late.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { journaled, runLocal, type Data, type Job, type Pipeline, type Source } from '@millrace/core'
import { simulatedMarket, type MarketFrame } from '@millrace/connector-finnhub/testing'
import { tap } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareDay, type DayTally } from './day/compare-day.js'
import { jumpingClock, turns, type JumpingClock } from './day/jumping-clock.js'
import { line, type Line } from './day/line.js'
import { newWorld, streamInto, type World } from './day/world.js'

const test = suite('live, a market night')

const DAY_MILLIS = 86_400_000
const OPEN_MILLIS = 60_000
const STEP_MILLIS = 250
const LAST_BAR_MILLIS = 5_000 + 3_000 + 10_000

const marketOf = (day: number): readonly MarketFrame[] =>
  [...simulatedMarket({ seed: day, startMillis: Date.UTC(2024, 8, 12, 13, 30) + day * DAY_MILLIS, millis: OPEN_MILLIS, tradesPerSecond: 5, badShare: 0 })]

interface Night {
  readonly clock: JumpingClock
  readonly connection: Line
  readonly world: World
  readonly job: Job
  /** Whether something is on its way through the journal. */
  readonly isUnderWay: () => boolean
}

type Frames<O extends Data> = Source<Uint8Array, O, 'local'>

/** The same source, and whether the disk has something to do for it: virtual time would fly meanwhile. */
const watched = <O extends Data>(source: Frames<O>): { readonly source: Frames<O>; readonly isUnderWay: () => boolean } => {
  let isUnderWay = false
  let settling = 0
  const settle = async (partition: string, upTo: O): Promise<void> => {
    settling++
    await source.settle?.(partition, upTo)
    settling--
  }
  const silent = (partition: string, millis: number): void => {
    isUnderWay = true
    source.silent?.(partition, millis)
  }
  const read: Frames<O>['read'] = (...asked) => source.read(...asked).pipe(tap(() => void (isUnderWay = false)))
  return { source: { ...source, read, ...(source.settle && { settle }), ...(source.silent && { silent }) }, isUnderWay: () => isUnderWay || settling > 0 }
}

const watchedLane = <O extends Data>(world: World, frames: Frames<O>): { readonly pipeline: Pipeline<null, 'local'>; readonly isUnderWay: () => boolean } => {
  const { source, isUnderWay } = watched(frames)
  return { pipeline: streamInto(world, source), isUnderWay }
}

/** Plays a day of the market, and lets the run read it. */
const play = async ({ clock, connection, job }: Night, frames: readonly MarketFrame[]): Promise<void> => {
  const before = job.ledger.read
  for (const frame of frames) {
    clock.jumpTo(frame.atMillis)
    assert.ok(connection.hear(frame))
  }
  while (job.ledger.read < before + frames.length) await turns(1)
}

/** How many bars a day's trades make. */
const barsOf = (frames: readonly MarketFrame[]): number =>
  new Set(frames.flatMap(({ trades }) => trades.filter(({ v }) => v > 0).map(({ s, t }) => `${s} ${Math.floor(t / 5_000)}`))).size

/** Steps on until so many bars can be read; answers how long that took. */
const untilBars = async ({ clock, world, isUnderWay }: Night, bars: number): Promise<number> => {
  const from = clock.now()
  while (world.bars().length < bars && clock.now() < from + DAY_MILLIS / 24) {
    clock.jumpTo(clock.now() + STEP_MILLIS)
    do await turns(20)
    while (isUnderWay())
  }
  return clock.now() - from
}

const tally = (): DayTally => ({ bars: 0, incomplete: 0, late: 0, deadLetters: 0, gaps: 0, silences: 0, lives: 0, unheard: 0 })

for (const isJournaled of [true, false]) {
  test(`${isJournaled ? 'with' : 'without'} a journal: the last windows close within their length, the bound and the idle time; the morning is whole`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-night-'))
    try {
      const [evening, morning] = [marketOf(0), marketOf(1)]
      const clock = jumpingClock(evening[0]?.atMillis ?? 0)
      const connection = line(clock)
      const world = newWorld(true)
      const { pipeline, isUnderWay } = isJournaled ? watchedLane(world, journaled(connection, { directory, keep: true })) : watchedLane(world, connection)
      const job = runLocal(pipeline, null, { clock })
      const night = { clock, connection, world, job, isUnderWay }
      while (!connection.isRead) await turns(1)
      await play(night, evening)
      assert.ok(world.bars().length < barsOf(evening))
      const millis = await untilBars(night, barsOf(evening))
      assert.ok(millis <= LAST_BAR_MILLIS + 1_000, `${millis} ms`)
      assert.is(world.bars().length, barsOf(evening))
      const lastMillis = Math.max(...evening.flatMap(({ trades }) => trades.map(({ t }) => t)))
      assert.ok(world.bars().some(({ value }) => value.window_end > lastMillis && value.complete))
      await play(night, morning)
      assert.equal(world.letters(), [])
      connection.complete()
      let last: Awaited<Job['done']> | undefined
      void job.done.then((summary) => (last = summary))
      while (last === undefined) {
        await turns(5)
        clock.jumpTo(clock.now() + STEP_MILLIS)
      }
      assert.equal([last.total.unaccounted, last.total.deadLettered, world.bars().length], [0, 0, barsOf(evening) + barsOf(morning)])
      if (isJournaled) assert.equal(await compareDay(directory, true, world, { last, lives: 1 }, tally()), [])
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
}

test.run()
