import { isDeepStrictEqual } from 'node:util'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { definePipeline, fixedWindows, combine, journaled, parseJson, runLocal, type GapRow, type JournalOffset, type Pipeline, type Source } from '@millrace/core'
import { memoryCheckpoints } from '@millrace/core/testing'
import { letterBox, table, until, values } from '../local/support.js'
import { dump, liveSource, segmentsIn, temporaryFolder, type LiveSource } from './journal-support.js'

const test = suite('journaled, in a run')

const Tick = t.type({ t: t.number, k: t.string, n: t.number })
type Tick = t.TypeOf<typeof Tick>

const build = (source: Source<Uint8Array, JournalOffset, 'local'>, seen: (tick: Tick) => void = () => undefined) => {
  const [out, gaps, dead] = [table<string>('out'), table<GapRow>('gaps'), letterBox()]
  const pipeline: Pipeline<null, 'local'> = definePipeline({
    name: 'ticks', module: import.meta.url, config: t.null, deadLetters: () => dead, gaps: () => gaps,
    build: (p) =>
      p.read('in', source).apply(parseJson).decode('tick', Tick).filter('seen', (tick) => (seen(tick), true)).eventTime('time', (tick: Tick) => tick.t, { boundMillis: 0 })
        .keyBy('key', (tick) => tick.k).window(fixedWindows({ sizeMillis: 1_000 })).aggregate('sum', combine.sum<Tick>(({ n }) => n))
        .map('line', ({ window, value }) => `${window.startMillis}=${value}`).write('out', out),
  })
  return { out, gaps, dead, pipeline }
}

const give = async (live: LiveSource, from: number, to: number): Promise<void> => {
  await live.connected()
  live.context().listening(true)
  for (let i = from; i < to; i++) live.give(JSON.stringify({ t: i * 100, k: 'a', n: 1 }))
}

test('stopped in mid-stream and started again, drained at last: every tick in one window, every restart a gap, the files trimmed', async () => {
  const directory = temporaryFolder()
  const live = liveSource()
  const { out, gaps, dead, pipeline } = build(journaled(live, { directory, maxBytes: 8_192, segmentBytes: 1_024 }))
  const checkpoints = memoryCheckpoints()
  const perLife = 37
  for (let life = 0; life < 4; life++) {
    const job = runLocal(pipeline, null, { checkpoints })
    await give(live, life * perLife, (life + 1) * perLife)
    // Not all of it need be read by then: what is left is read by the next life.
    const isLast = life === 3
    const ended = isLast ? job.drain() : job.stop()
    await until('it takes its leave', () => live.context().ending.aborted)
    live.complete()
    const { run } = await ended
    assert.is(run.outcome, isLast ? 'finished' : 'stopped')
    assert.is(live.open(), 0)
  }
  const lines = values(out).toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  assert.equal(lines, Array.from({ length: 15 }, (_, i) => `${i * 1_000}=${i < 14 ? 10 : 8}`))
  assert.equal(values(gaps).map(({ reason }) => reason), ['restarted', 'restarted', 'restarted'])
  assert.equal(values(dead), [])
  assert.ok(segmentsIn(directory).length < 4, segmentsIn(directory).join())
})

test('started again with the directory of another run, it is refused; with an empty one it goes on, with a gap', async () => {
  const [mine, other] = [temporaryFolder(), temporaryFolder()]
  const checkpoints = memoryCheckpoints()
  const live = liveSource()
  const life = async (directory: string, from: number, store = checkpoints): Promise<readonly string[]> => {
    let allSeen = (): void => undefined
    const isSeen = new Promise<void>((resolve) => (allSeen = resolve))
    const { gaps, pipeline } = build(journaled(live, { directory }), ({ t }) => (t === (from + 19) * 100 ? allSeen() : undefined))
    const job = runLocal(pipeline, null, { checkpoints: store })
    job.done.catch(() => undefined) // awaited below, once it is asked to stop
    await Promise.race([give(live, from, from + 20), job.done])
    await isSeen
    const ended = job.stop()
    await until('it takes its leave', () => live.context().ending.aborted)
    live.complete()
    await ended
    return values(gaps).map(({ reason }) => reason)
  }
  await life(mine, 0)
  await life(other, 0, memoryCheckpoints())
  const before = (await dump(other)).length
  const error = await life(other, 20).then(() => undefined, (caught: Error & { _tag?: string }) => caught)
  assert.is(error?._tag, 'OtherJournal', String(error))
  assert.is((await dump(other)).length, before)
  assert.equal(await life(temporaryFolder(), 20), ['restarted'])
})

test('what did not parse comes back from the journal byte by byte', async () => {
  const directory = temporaryFolder()
  const live = liveSource()
  const { dead, pipeline } = build(journaled(live, { directory }))
  const job = runLocal(pipeline, null, { checkpoints: memoryCheckpoints() })
  await live.connected()
  const bad = [Buffer.of(0xff, 0xfe, 0), Buffer.alloc(0), Buffer.from('{"t":1'), Buffer.alloc(5_000_000, 'x')]
  live.give(...bad)
  live.complete()
  await job.done
  assert.is(values(dead).length, 4)
  assert.ok(isDeepStrictEqual((await dump(directory)).map((record) => ('value' in record ? record.value : undefined)), bad))
})

test.run()
