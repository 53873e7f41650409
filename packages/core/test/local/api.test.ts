import * as core from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('what the package gives out')

// Values only: types are held by the projects that compile against them. To add a name is a decision, to take one away a break.
const expected = [
  'AwakeTime', 'ConnectorError', 'RefusedError', 'SecretRef', 'assertData', 'callbackSink', 'combine', 'compareElements', 'comparePositions', 'compileGuard', 'consoleSink', 'decoderOf', 'defaultRetry', 'definePipeline', 'explain',
  'fileCheckpoints', 'fixedWindows', 'fromArray', 'fromObservable', 'journaled', 'jsonParser', 'packData', 'parseJson', 'readJournal', 'resolveSecret', 'runLocal', 'safeJson', 'secretRef', 'silentLogger', 'stopOnSignals', 'storedRuns', 'systemClock', 'systemRandom', 'toArray', 'unpackData',
]

test('exactly these values', () => {
  assert.equal(Object.keys(core).toSorted(), expected)
})

test('and of combines these', () => {
  assert.equal(Object.keys(core.combine).toSorted(), ['count', 'first', 'last', 'max', 'mean', 'min', 'struct', 'sum'])
})

test.run()
