import { closingCases } from './sink-cases/closing-cases.js'
import { exactCases } from './sink-cases/exact-cases.js'
import { runCases } from './sink-cases/run-cases.js'
import type { SinkCase } from './sink-cases/session.js'
import { storeCases } from './sink-cases/store-cases.js'
import { writingCases } from './sink-cases/writing-cases.js'
import type { SinkHarness } from './sink-harness.js'
import { registerCases, type TestRunner } from './suite.js'

const cases: readonly SinkCase[] = [...writingCases, ...exactCases, ...storeCases, ...runCases, ...closingCases]

/**
 * Registers everything that a sink (and its store, if it has one) promises as test cases with the runner. Each case opens a target
 * of its own; a case that does not apply by the harness's capabilities is registered as skipped, with the reason.
 * @example
 * ```ts
 * sinkConformance(runner, {
 *   capabilities: { guarantee: 'idempotent' },
 *   open: async () => {
 *     const table = memoryTable<{ id: number; revision: number }>()
 *     const show = JSON.stringify
 *     return {
 *       sink: () => memorySink({ guarantee: 'idempotent', table }),
 *       value: (id, revision = 0) => ({ id, revision }),
 *       received: async () => table.rows().map((row) => show(row.value)),
 *       show,
 *       close: async () => undefined,
 *     }
 *   },
 * })
 * ```
 * @public
 */
export const sinkConformance = <A>(runner: TestRunner, harness: SinkHarness<A>): void =>
  registerCases(runner, cases, harness)
