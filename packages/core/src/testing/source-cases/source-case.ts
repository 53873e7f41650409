import type { ConformanceCase } from '../suite.js'
import type { SourceHarness } from '../source-harness.js'

/** A case works with any value and any offset: it hands them back to the source and the harness they came from. */
// `any`: the harness takes back only what its own source gave.
export type AnySourceHarness = SourceHarness<any, any>

/** A case of the source suite. */
export type SourceCase = ConformanceCase<AnySourceHarness>

/** Skips unless the harness declares the capability. */
export const needs =
  (capability: keyof AnySourceHarness['capabilities'], reason: string): ((harness: AnySourceHarness) => string | undefined) =>
  (harness) =>
    harness.capabilities[capability] ? undefined : reason

/** Skips what cannot be read twice. */
export const needsReplay = needs('replayable', 'the source is not replayable')

/** Skips what never ends. */
export const needsBounded = needs('bounded', 'the source is not bounded')
