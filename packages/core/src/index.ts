/**
 * Millrace's core: contracts, pipeline builder, event time, delivery, dead letters and the local runtime.
 * @packageDocumentation
 */
export type { Data } from './data.js'
export * from './envelope.js'
export * from './failure.js'
export type * from './source.js'
export type * from './sink.js'
export type * from './store.js'
export type * from './traits.js'
export type { Clock } from './time/clock.js'
export { systemClock, systemRandom } from './time/system.js'
export type { DeadLetter, StageKind } from './dead-letter/row.js'
export type { Combine } from './combine/combine.js'
