import type { AnySinkHarness } from './session.js'

type Skip = (harness: AnySinkHarness) => string | undefined

/** Skips where nothing is rejected. */
export const needsRejects: Skip = ({ capabilities }) =>
  capabilities.rejects ? undefined : 'the harness knows no value that the sink rejects'

/** Skips what may repeat rows. */
export const needsSameRow: Skip = ({ capabilities }) =>
  capabilities.guarantee === 'repeating' ? 'the sink declares that rows may repeat' : undefined

/** Skips what is no exact sink of its own. */
export const needsPrepare: Skip = ({ capabilities }) => {
  if (capabilities.guarantee !== 'exact') return `the sink is ${capabilities.guarantee}, not exact`
  return capabilities.hosted ? 'the sink commits through its store' : undefined
}

/** Skips what has no store. */
export const needsStore: Skip = ({ capabilities }) => (capabilities.hosted ? undefined : 'the sink has no store')

/** Skips what does not know runs. */
export const needsRuns: Skip = (harness) =>
  needsStore(harness) ?? (harness.capabilities.runs ? undefined : 'rows of this sink are not owned by runs')
