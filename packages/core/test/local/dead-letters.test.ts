import { parseJson, runLocal, type DeadLetter, type LocalOptions } from '@millrace/core'
import { manualClock, memoryBatch, memoryCheckpoints, memoryRecords, memorySource, packRecords, type MemoryEntry } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, pipeline, single, sourceOf, straight, table, tick, values, type Tick, type Ticks } from './support.js'

const test = suite('dead letters')

const fail = (message = 'no'): never => {
  throw new Error(message)
}

const lettersOf = async (entries: readonly MemoryEntry<Tick>[], stages: (ticks: Ticks) => Ticks, options: LocalOptions = {}): Promise<readonly DeadLetter[]> => {
  const letters = letterBox()
  const { total } = await runLocal(straight(sourceOf(entries), table(), letters, stages), null, options).done
  assert.equal([total.deadLettered, total.unaccounted], [letters.rows().length, 0])
  return values(letters)
}

test('the payload is on the row of the lowest path alone, whatever the stage', async () => {
  // Element 2 fails first, at an earlier stage; of 0 and 1, which fail later, 0 is the lowest.
  const stages = (ticks: Ticks): Ticks =>
    ticks
      .flatMap('three', () => [0, 1, 2])
      .map('early', (n: number) => (n === 2 ? fail() : n))
      .map('late', () => fail())
  const letters = await lettersOf(single(tick(3, 'k', 9)), stages)
  const shown = letters.map(({ path, stage, payload_text, source_position }) => [path, stage, payload_text, source_position])
  assert.equal(shown, [
    ['[0]', 'late', '{"t":3,"k":"k","n":9}', '[0]'],
    ['[1]', 'late', null, '[0]'],
    ['[2]', 'early', null, '[0]'],
  ])
})

test('paths are ordered as numbers, level by level', async () => {
  const stages = (ticks: Ticks): Ticks =>
    ticks
      .flatMap('outer', () => Array.from({ length: 11 }, (_, index) => index))
      .flatMap('inner', (n: number) => (n === 10 || n === 2 ? [n, n] : []))
      .map('refuse', () => fail())
  const letters = await lettersOf(single(tick(0)), stages)
  assert.equal(letters.map(({ path }) => path), ['[2,0]', '[2,1]', '[10,0]', '[10,1]'])
  assert.equal(letters.map(({ payload_text }) => payload_text !== null), [true, false, false, false])
})

test('an id is the same in any batching and any run', async () => {
  const refuse = (ticks: Ticks): Ticks => ticks.map('refuse', () => fail())
  const ticks = numbered(5)
  const together = await lettersOf([memoryBatch(memoryRecords(ticks))], refuse)
  const apart = await lettersOf(single(...ticks), refuse, { epochMillis: 0 })
  assert.equal(together.map(({ dead_letter_id }) => dead_letter_id), apart.map(({ dead_letter_id }) => dead_letter_id))
  assert.is(new Set(together.map(({ dead_letter_id }) => dead_letter_id)).size, 5)
  // Pinned: rows of before must be found again.
  assert.is(together[0]?.dead_letter_id, '19dd11a1fba3a38100000000000000')
})

test('bytes are shown as text where they are UTF-8, else as base64, and as they were', async () => {
  const letters = letterBox()
  const lines = ['{"a":', Buffer.from('{"\xff\x00', 'latin1'), '', 'caf\u00e9\u0000']
  const built = pipeline(letters, (p) =>
    p.read('in', sourceOf<Uint8Array>([memoryBatch(packRecords(lines))])).apply(parseJson).eventTime('time', () => 0, { boundMillis: 0 }).write('out', table()),
  )
  await runLocal(built, null).done
  const shown = values(letters).map(({ payload_text, payload_base64 }) => [payload_text, payload_base64])
  assert.equal(shown, [['{"a":', null], [null, Buffer.from('{"\xff\x00', 'latin1').toString('base64')], ['', null], ['caf\u00e9\u0000', null]])
})

test('the value at the stage is cut at 64 KiB of UTF-8', async () => {
  const [letter] = await lettersOf(single(tick(0)), (ticks) => ticks.map('grow', () => '€'.repeat(100_000)).map('refuse', () => fail()))
  const bytes = Buffer.byteLength(letter?.stage_value_json ?? '')
  assert.ok(bytes <= 65_536 && bytes > 65_500, `${bytes} bytes`)
})

test('what is no JSON at all does not end the run', async () => {
  const circle: unknown[] = [10n, Symbol('s'), undefined]
  circle.push(circle)
  const [letter] = await lettersOf(single(tick(0)), (ticks) => ticks.map('odd', () => circle).map('refuse', () => fail()))
  assert.is(letter?.stage_value_json, '["10n","Symbol(s)",null,"[circular]"]')
})

test('lone surrogates of messages, paths and values leave no row that cannot be kept', async () => {
  const stages = (ticks: Ticks): Ticks => ticks.map('spoil', () => '\ud800').map('refuse', (text: string) => fail(`not ${text}`))
  const [letter] = await lettersOf(single(tick(0)), stages)
  assert.equal([letter?.error_message, letter?.stage_value_json], ['not \ufffd', '"\\ud800"'])
})

test('what was thrown and is no error has a letter too', async () => {
  const thrown: readonly unknown[] = ['text', undefined, null, { toString: () => fail() }]
  const letters = await lettersOf(single(...numbered(4)), (ticks) =>
    ticks.map('throw', ({ n }: Tick) => {
      throw thrown[n]
    }),
  )
  assert.equal(letters.map(({ error_class }) => error_class), ['Thrown', 'Thrown', 'Thrown', 'Thrown'])
  assert.match(letters[0]?.error_message ?? '', 'something that is no Error was thrown: text')
})

test('a record that the source could not read whole ends at the read, and counts', async () => {
  const letters = letterBox()
  const failures = new Map([[1, { _tag: 'Cut', code: 'DataLoss' as const, message: 'the file ends here' }]])
  const source = sourceOf([memoryBatch(memoryRecords(numbered(3), { failures }))])
  const sink = table()
  const { total } = await runLocal(straight(source, sink, letters), null).done
  assert.equal([total.read, total.deadLettered, sink.rows().length], [3, 1, 2])
  const [letter] = values(letters)
  assert.equal([letter?.stage, letter?.stage_kind, letter?.error_class, letter?.error_code, letter?.connector], ['in', 'read', 'Cut', 'DataLoss', 'memory'])
})

test('a record that was cut says so', async () => {
  const letters = letterBox()
  const records = [{ value: Buffer.from('{"a"'), position: [0], receivedAtMillis: 0, bytes: 9 }]
  const built = pipeline(letters, (p) =>
    p.read('in', sourceOf<Uint8Array>([memoryBatch(records)])).apply(parseJson).eventTime('time', () => 0, { boundMillis: 0 }).write('out', table()),
  )
  await runLocal(built, null).done
  assert.equal(values(letters).map(({ payload_truncated }) => payload_truncated), [true])
})

test('letters that wait end the epoch early, by their number and by their bytes', async () => {
  const refuse = (ticks: Ticks): Ticks => ticks.map('refuse', () => fail())
  const count = async (entries: readonly MemoryEntry<Tick>[]): Promise<number> => {
    const checkpoints = memoryCheckpoints()
    // Time stands still: what ends an epoch is what waits, however long it takes.
    await lettersOf(entries, refuse, { checkpoints, clock: manualClock() })
    return checkpoints.writes()
  }
  const batches = Array.from({ length: 30 }, (_, index) => memoryBatch(memoryRecords(numbered(500), { position: index * 500 })))
  const writes = await count(batches)
  assert.ok(writes >= 15_000 / 5_000 && writes < batches.length / 2, `${writes} epochs`)
  const large = Array.from({ length: 16 }, (_, index) => tick(index, 'x'.repeat(1_048_576)))
  assert.ok((await count(single(...large))) >= 2)
})

test('records of two partitions with equal positions are two records', async () => {
  const letters = letterBox()
  const entries = single(tick(0))
  const source = memorySource<Tick>({ partitions: [{ name: 'a', entries }, { name: 'b', entries }] })
  await runLocal(straight(source, table(), letters, (ticks) => ticks.map('refuse', () => fail())), null).done
  assert.equal(values(letters).map(({ source_partition, payload_text }) => [source_partition, payload_text !== null]).sort(), [['a', true], ['b', true]])
})

test.run()
