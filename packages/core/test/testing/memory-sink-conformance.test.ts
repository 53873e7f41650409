import { sinkConformance } from '@millrace/core/testing'
import { suite } from 'uvu'
import { storeHarness, tableHarness } from './sink-harness.js'
import { uvuRunner } from './uvu-runner.js'

for (const guarantee of ['exact', 'idempotent', 'repeating'] as const) {
  const test = suite(`memory sink, ${guarantee}: conformance`)
  sinkConformance(uvuRunner(test), tableHarness(guarantee))
  test.run()
}

const hosted = suite('memory store: conformance')
sinkConformance(uvuRunner(hosted), storeHarness())
hosted.run()
