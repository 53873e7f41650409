/**
 * For tests of pipelines, connectors and of the runtime itself: time that stands still, sources, sinks and stores in memory,
 * faults, crash points, and the conformance suites.
 * @packageDocumentation
 */
export * from './manual-clock.js'
export * from './seeded-random.js'
export * from './memory-entries.js'
export * from './memory-source.js'
export { memoryTable, type Table } from './memory-table.js'
export { fileTable } from './file-table.js'
export * from './memory-sink.js'
export { memoryCheckpoints, type MemoryCheckpoints } from './memory-checkpoints.js'
export * from './intercept.js'
export { runSuite, type Assertions, type CaseResult, type TestRunner } from './suite.js'
export * from './test-credit.js'
export { flatRecords, type FlatRecord } from './flat-records.js'
export type * from './source-harness.js'
export { sourceConformance } from './source-conformance.js'
export * from './memory-store.js'
export type * from './sink-harness.js'
export { sinkConformance } from './sink-conformance.js'
export * from './faults.js'
export * from './crash-points.js'
export * from './crash-driver.js'
export * from './reference.js'
export type { Element as ReferenceElement, ReferenceDeadLetter } from './reference-elements.js'
export type { ReferenceLedger } from './reference-ledger.js'
export type { ReferencePane } from './reference-windows.js'
