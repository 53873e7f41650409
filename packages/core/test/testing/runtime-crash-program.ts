// The local runtime for the crash driver: bytes -> JSON -> windows -> an exact sink in a file, dead letters in another, and
// checkpoints in a folder after every batch. All that it keeps is in the directory that it is given.
import { combine, definePipeline, fileCheckpoints, fixedWindows, parseJson, runLocal, type DeadLetter, type Traits } from '@millrace/core'
import {
  crashInstrumentFromEnv,
  fileTable,
  memoryBatch,
  memorySink,
  memorySource,
  packRecords,
  type MemoryPartition,
} from '@millrace/core/testing'
import * as t from 'io-ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = process.argv[2] ?? ''
const batches = 4
const recordsPerBatch = 5

const Tick = t.type({ symbol: t.string, price: t.number, at: t.number })
type Tick = t.TypeOf<typeof Tick>

interface Bar {
  readonly symbol: string
  readonly start: number
  readonly high: number
  readonly sum: number
  readonly last: number
  readonly count: number
}

/** One in seven is no JSON, one in seven has no price. */
const line = (partition: number, index: number): string => {
  const symbol = index % 2 === 0 ? 'even' : 'odd'
  const price = index % 7 === 3 ? 'null' : String((index + partition) / 10)
  const text = `{"symbol":"${symbol}","price":${price},"at":${index * 700 + partition}}`
  return index % 7 === 5 ? text.slice(0, -1) : text
}

const partition = (number: number): MemoryPartition<Uint8Array> => ({
  name: `partition ${number}`,
  fingerprint: number,
  entries: Array.from({ length: batches }, (_, batch) => {
    const from = batch * recordsPerBatch
    const lines = Array.from({ length: recordsPerBatch }, (_none, index) => line(number, from + index))
    return memoryBatch<Uint8Array>(packRecords(lines, { firstPosition: batch * 10_000, receivedAtMillis: 1, joinable: true }), {
      // The last bytes are of this batch: the next one begins 3,500 ms later.
      floorMillis: (from + recordsPerBatch) * 700,
    })
  }),
})

const bar = combine.struct({
  high: combine.max((tick: Tick) => tick.price),
  sum: combine.sum((tick: Tick) => tick.price),
  last: combine.last((tick: Tick) => tick.price),
  count: combine.count<Tick>(),
})

const deadLetters = memorySink<DeadLetter, Traits['panes'], 'exact'>({
  name: 'dead letters',
  guarantee: 'exact',
  table: fileTable<DeadLetter>({ path: join(directory, 'dead-letters.jsonl') }),
})

const bars = memorySink<Bar, Traits['panes'], 'exact'>({
  name: 'bars',
  guarantee: 'exact',
  table: fileTable<Bar>({ path: join(directory, 'bars.jsonl') }),
  reject: ({ value }) => (value.high > 1.3 ? { _tag: 'TooHigh', code: 'OutOfRange', message: 'the high is above 1.3' } : undefined),
})

const pipeline = definePipeline({
  name: 'crashing',
  module: import.meta.url,
  config: t.type({}),
  deadLetters: () => deadLetters,
  build: (p) =>
    p
      .read('ticks', memorySource<Uint8Array>({ name: 'ticks', partitions: [partition(0), partition(1)] }))
      .apply(parseJson)
      .decode('tick', Tick)
      .eventTime('at', (tick) => tick.at, { boundMillis: 0, earliestMillis: 0 })
      .keyBy('symbol', (tick) => tick.symbol)
      .window(fixedWindows({ sizeMillis: 2_000 }))
      .aggregate('bar', bar)
      .map('row', ({ key, window, value }): Bar => ({ symbol: key, start: window.startMillis, ...value }))
      .write('bars', bars),
})

const instrument = crashInstrumentFromEnv()
const { total } = await runLocal(
  pipeline,
  {},
  { checkpoints: fileCheckpoints({ directory: join(directory, 'checkpoints') }), epochMillis: 0, concurrency: 1, ...(instrument && { instrument }) },
).done
writeFileSync(join(directory, 'ledger.json'), JSON.stringify(total))
