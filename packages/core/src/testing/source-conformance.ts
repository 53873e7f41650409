import type { Data } from '../data.js'
import { contentCases } from './source-cases/content-cases.js'
import { controlCases } from './source-cases/control-cases.js'
import { readingCases } from './source-cases/reading-cases.js'
import { resumeCases } from './source-cases/resume-cases.js'
import type { SourceCase } from './source-cases/source-case.js'
import type { SourceHarness } from './source-harness.js'
import { registerCases, type TestRunner } from './suite.js'

const cases: readonly SourceCase[] = [...readingCases, ...resumeCases, ...controlCases, ...contentCases]

/**
 * Registers everything that a source promises as test cases with the runner. Each case opens an input of its own; a case that
 * does not apply by the harness's capabilities is registered as skipped, with the reason.
 * @example
 * ```ts
 * sourceConformance(runner, {
 *   capabilities: { bounded: true, replayable: true, acknowledges: false, failures: true },
 *   open: async (seed) => {
 *     const folder = await writeFiles(seed)
 *     return { source: () => folderSource({ path: folder, batchBytes: 256 }), close: () => rm(folder, { recursive: true }) }
 *   },
 * })
 * ```
 * @public
 */
export const sourceConformance = <A, O extends Data>(runner: TestRunner, harness: SourceHarness<A, O>): void =>
  registerCases(runner, cases, harness)
