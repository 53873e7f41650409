import { silentLogger, type SourceContext } from '@millrace/core'
import { manualClock, testCredit } from '@millrace/core/testing'

/** What a source is handed, with as much credit as it likes. */
export const contextWith = (overrides: Partial<SourceContext> = {}): SourceContext => {
  const { signal } = new AbortController()
  return {
    credit: testCredit(Infinity, signal),
    clock: manualClock(1_000),
    random: () => 0,
    signal,
    runStartedAtMillis: 0,
    logger: silentLogger,
    listening: () => undefined,
    ending: new AbortController().signal,
    ...overrides,
  }
}
