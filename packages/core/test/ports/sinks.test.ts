import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { callbackSink, ConnectorError, consoleSink, fromArray, runLocal, toArray, type DeadLetter, type Sink } from '@millrace/core'
import { sinkConformance } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, reasonOf, straight, tick, values, type Tick } from '../local/support.js'
import { uvuRunner } from '../testing/uvu-runner.js'

interface Value {
  readonly index: number
  readonly revision: number
}

const value = (index: number, revision = 0): Value => ({ index, revision })
const show = (shown: Value): string => JSON.stringify(shown)

const arrays = suite('toArray: conformance')
sinkConformance<Value>(uvuRunner(arrays), {
  capabilities: { guarantee: 'idempotent' },
  open: async () => {
    const array = toArray<Value>()
    return { sink: () => array, value, show, received: async () => array.values.map(show), close: async () => undefined }
  },
})
arrays.run()

const callbacks = suite('callbackSink: conformance')
sinkConformance<Value>(uvuRunner(callbacks), {
  capabilities: { guarantee: 'repeating' },
  open: async () => {
    const got: Value[] = []
    return { sink: () => callbackSink<Value>('callback', (some) => void got.push(...some)), value, show, received: async () => got.map(show), close: async () => undefined }
  },
})
callbacks.run()

const lines = suite('consoleSink: conformance')
sinkConformance<Value>(uvuRunner(lines), {
  capabilities: { guarantee: 'repeating' },
  open: async () => {
    let text = ''
    return {
      sink: () => consoleSink<Value>({ write: (more) => void (text += more) }),
      value,
      show,
      received: async () => text.split('\n').slice(0, -1),
      close: async () => undefined,
    }
  },
})
lines.run()

const test = suite('sinks for code')

// any: rows are whatever the test writes
const runInto = (sink: Sink<any, 'local', any, any>, ticks: readonly Tick[], letters = letterBox()) =>
  runLocal(straight(fromArray(ticks), sink, letters), null, { retry: { initialDelayMillis: 1 } }).done

test('toArray: values in their order, rows with their ids, and what is read is a copy', async () => {
  const out = toArray<Tick>('out')
  await runInto(out, numbered(3))
  assert.equal(out.values.map(({ n }) => n), [0, 1, 2])
  assert.is(new Set(out.rows.map(({ rowId }) => rowId)).size, 3)
  assert.is.not(out.values, out.values)
})

test('toArray: a run that comes again writes the same rows in place of the first', async () => {
  const out = toArray<Tick>('out')
  await runInto(out, numbered(3))
  await runInto(out, numbered(3))
  assert.is(out.values.length, 3)
})

test('callbackSink: waits for the promise, one call at a time', async () => {
  let under = 0
  let most = 0
  const got: number[] = []
  await runInto(
    callbackSink<Tick>('slow', async (some) => {
      most = Math.max(most, ++under)
      await new Promise((resolve) => setImmediate(resolve))
      got.push(...some.map(({ n }) => n))
      under--
    }),
    numbered(2_500),
  )
  assert.equal([most, got.length], [1, 2_500])
})

test('callbackSink: what it throws ends the run and names the sink, at the first attempt', async () => {
  let calls = 0
  const error = await reasonOf(
    runInto(
      callbackSink<Tick>('mine', () => {
        calls++
        throw new Error('a mistake')
      }),
      numbered(1),
    ),
  )
  assert.equal([error.message, error.code, calls], ["the callback of sink 'mine' failed: a mistake", 'Unknown', 1])
})

test('callbackSink: also what is no error, and a promise that is rejected', async () => {
  const error = await reasonOf(runInto(callbackSink<Tick>('mine', () => Promise.reject('no')), numbered(1)))
  assert.match(error.message, /sink 'mine' failed: .*no/)
})

test('callbackSink: one that asks for it is called again', async () => {
  const calls: number[] = []
  await runInto(
    callbackSink<Tick>('mine', (some) => {
      calls.push(some.length)
      if (calls.length < 3) throw new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: 'busy', retryable: true })
    }),
    numbered(2),
  )
  assert.equal(calls, [2, 2, 2])
})

test('consoleSink: a line a row, in JSON that can hold anything', async () => {
  let text = ''
  await runInto(consoleSink({ write: (more) => void (text += more) }), [tick(1, 'a\nb'), tick(2, '', NaN)])
  assert.is(text, '{"t":1,"k":"a\\nb","n":1}\n{"t":2,"k":"","n":"NaN"}\n')
})

test('consoleSink: a row that cannot be shown is a dead letter, its neighbours are written', async () => {
  let text = ''
  const letters = letterBox()
  const format = ({ n }: Tick): string => {
    if (n === 1) throw new Error('not this one')
    return `n=${n}`
  }
  await runInto(consoleSink({ format, write: (more) => void (text += more) }), numbered(3), letters)
  assert.is(text, 'n=0\nn=2\n')
  assert.equal(values<DeadLetter>(letters).map(({ stage, error_message }) => [stage, error_message]), [['out', 'not this one']])
})

test('consoleSink: a write that fails ends the run and names the sink', async () => {
  const write = () => Promise.reject(new Error('gone'))
  const error = await reasonOf(runInto(consoleSink({ name: 'terminal', write }), numbered(1)))
  assert.match(error.message, /sink 'terminal' could not write its lines.*gone/)
})

const program = `
  import * as t from 'io-ts'
  import { consoleSink, definePipeline, fromArray, runLocal, toArray } from '@millrace/core'
  const values = Array.from({ length: 50_000 }, (_, n) => ({ n, text: 'x'.repeat(100) }))
  const pipeline = definePipeline({ name: 'p', module: import.meta.url, config: t.null, deadLetters: () => toArray('dead letters'),
    build: (p) => p.read('in', fromArray(values)).eventTime('time', ({ n }) => n, { boundMillis: 0 }).write('out', consoleSink()) })
  runLocal(pipeline, null).done.then(() => console.error('finished'), (error) => console.error('failed:', error.message))
`

/** Runs the program above, and hands its standard output to a reader. */
const standardOutput = async (read: (chunk: Buffer, close: () => void) => void) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: new URL('../../', import.meta.url), stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => read(chunk, () => child.stdout.destroy()))
  const [code] = (await once(child, 'close')) as [number | null] // as: of a process
  return { code, said: said.trim() }
}

test('consoleSink: by itself it writes to standard output, all of it', async () => {
  let newlines = 0
  const { code, said } = await standardOutput((chunk) => (newlines += chunk.toString().split('\n').length - 1))
  assert.equal([code, said, newlines], [0, 'finished', 50_000])
})

test('consoleSink: a reader that goes away ends the run, not the process', async () => {
  const { code, said } = await standardOutput((_chunk, close) => close())
  assert.is(code, 0)
  assert.match(said, /^failed: sink 'console' could not write its lines, whoever read them may have gone: .*EPIPE/)
})

test.run()
