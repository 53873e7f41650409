import type { Pipeline } from '../pipeline/define.js'
import type { Traits } from '../traits.js'
import { PipelineTestChain } from './test-pipeline-chain.js'
import { startTestRun, type PipelineTestOptions } from './test-pipeline-run.js'
import type { PipelineTest } from './test-pipeline-steps.js'

export type { PipelineTestOptions } from './test-pipeline-run.js'
export type { SomeFields, PipelineTest } from './test-pipeline-steps.js'
export type { SendOptions } from './test-pipeline-input.js'

/**
 * Runs a pipeline in the real local runtime under a clock that stands still, with its sources and sinks replaced by ones in memory: nothing is
 * opened. The words are those of Beam's TestStream.
 *
 * ```ts
 * await testPipeline(pipeline, config).send('clicks', [click]).advanceWatermark(60_000).expect('counts', [row]).end()
 * ```
 * A pipeline that only reads bounded sources behaves as they do: nothing is late, and nothing fires before the watermark is
 * advanced or the input ends. A test that forgets `end` leaves nothing that keeps the process alive.
 * @throws TypeError if the config does not fit, RangeError if an option makes no sense
 * @public
 */
export const testPipeline = <C>(pipeline: Pipeline<C, Traits['reach']>, config: C, options: PipelineTestOptions = {}): PipelineTest =>
  new PipelineTestChain(startTestRun(pipeline, config, options))
