import { fromArray, runLocal, toArray, type DeadLetter, type Partition } from '@millrace/core'
import { memoryCheckpoints, sourceConformance } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, perSecond, pipeline, reasonOf, straight, tick, type Tick } from '../local/support.js'
import { uvuRunner } from '../testing/uvu-runner.js'
import { contextWith } from './context.js'

const conformance = suite('fromArray: conformance')
sourceConformance(uvuRunner(conformance), {
  capabilities: { bounded: true, replayable: true, acknowledges: false, partitions: 1 },
  open: async ([seed = []]) => {
    const values = seed.flatMap((record) => (record._tag === 'Whole' ? [record.bytes] : []))
    return { source: () => fromArray(values, { maxBatchRecords: 7 }), close: async () => undefined }
  },
})
conformance.run()

const test = suite('fromArray')

const partitionOf = async (values: readonly unknown[], options = {}): Promise<Partition | undefined> => (await fromArray(values, options).partitions(contextWith()))[0]

test('a run over it gives what its elements add up to, in batches', async () => {
  const out = toArray<string>('out')
  const summary = await runLocal(straight(fromArray([tick(10), tick(990), tick(1_500)], { maxBatchRecords: 2 }), out, letterBox(), perSecond), null).done
  assert.equal(out.values, ['a@0=2', 'a@1000=1'])
  assert.is(summary.total.read, 3)
})

test('the same array again is a run that is done; another array is another run', async () => {
  const checkpoints = memoryCheckpoints()
  const run = async (values: readonly Tick[]) => (await runLocal(straight(fromArray(values), toArray<Tick>('out'), letterBox()), null, { checkpoints }).done).run.outcome
  assert.is(await run(numbered(3)), 'finished')
  assert.is(await run(numbered(3)), 'alreadyDone')
  const changed = await partitionOf([tick(0), tick(1), tick(3)])
  assert.not.equal(changed?.fingerprint, (await partitionOf(numbered(3)))?.fingerprint)
})

test('values that differ only in where one ends and the next begins are not the same', async () => {
  const [a, b] = [await partitionOf(['ab', 'c']), await partitionOf(['a', 'bc'])]
  assert.not.equal(a?.fingerprint, b?.fingerprint)
})

test('what is no plain data has a fingerprint too, and what has none is named', async () => {
  const [a, b] = [await partitionOf([new Date(1), undefined]), await partitionOf([new Date(2), undefined])]
  assert.not.equal(a?.fingerprint, b?.fingerprint)
  const error = await reasonOf(partitionOf([1, { f: () => 1 }], { name: 'mine' }))
  assert.match(error.message, /fromArray 'mine': value 1 .*option fingerprint/)
  assert.is((await partitionOf([{ f: () => 1 }], { fingerprint: 7 }))?.fingerprint, 7)
})

test('stamps its records with the start of the run, or as it is told', async () => {
  const times = (source: ReturnType<typeof fromArray<number>>): Promise<number[]> =>
    new Promise((resolve) => {
      const seen: number[] = []
      source.read('array', undefined, { ...contextWith(), runStartedAtMillis: 5 }).subscribe({
        // as: fromArray gives lists
        next: ({ records }) => seen.push(...(records as readonly { receivedAtMillis: number }[]).map(({ receivedAtMillis }) => receivedAtMillis)),
        complete: () => resolve(seen),
      })
    })
  assert.equal(await times(fromArray([1, 2])), [5, 5])
  assert.equal(await times(fromArray([1, 2], { receivedAtMillis: 9 })), [9, 9])
  assert.equal(await times(fromArray([1, 2], { receivedAtMillis: (value, index) => value * 10 + index })), [10, 21])
})

test('is not changed by what becomes of the array', async () => {
  const values = [tick(1)]
  const out = toArray<Tick>('out')
  const source = fromArray(values)
  values.push(tick(2))
  await runLocal(straight(source, out, letterBox()), null).done
  assert.equal(out.values, [tick(1)])
})

test('an empty array ends at once', async () => {
  const out = toArray<Tick>('out')
  const { total } = await runLocal(straight(fromArray<Tick>([]), out, letterBox()), null).done
  assert.equal([total.read, out.values], [0, []])
})

test('two arrays of one pipeline, by name', async () => {
  const out = toArray<number>('out')
  const read = (p: Parameters<Parameters<typeof pipeline>[1]>[0], name: string, values: readonly number[]) =>
    p.read(name, fromArray(values, { name })).eventTime(`time of ${name}`, (n) => n, { boundMillis: 0 }).write(`write ${name}`, out)
  await runLocal(pipeline(toArray<DeadLetter>('dead letters'), (p) => [read(p, 'odd', [1, 3]), read(p, 'even', [2])]), null).done
  assert.equal(out.values.toSorted(), [1, 2, 3])
})

test('refuses a batch of no records, an offset and a partition that it does not have', async () => {
  assert.throws(() => fromArray([], { maxBatchRecords: 0 }), /maxBatchRecords must be an integer ≥ 1, got 0/)
  const failure = (partition: string, after: number | undefined) =>
    reasonOf(new Promise((resolve, reject) => fromArray([1]).read(partition, after, contextWith()).subscribe({ complete: () => resolve(undefined), error: reject })))
  assert.match((await failure('array', 7)).message, /cannot go on after value 7: it has 1/)
  assert.match((await failure('other', undefined)).message, /none named 'other'/)
})

test.run()
