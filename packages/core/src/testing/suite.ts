import { deepStrictEqual } from 'node:assert'
import { systemClock } from '../time/system.js'

/** What a conformance suite needs to say that something is not as promised. Both throw. @public */
export interface Assertions {
  ok(value: unknown, message: string): void
  /** Deep equality. */
  equal(actual: unknown, expected: unknown, message: string): void
}

/**
 * What a conformance suite needs of a test runner.
 * @example
 * ```ts
 * const test = suite('folder source conformance')                     // uvu
 * const runner: TestRunner = {
 *   test: (name, run) => test(name, run),
 *   skip: (name, reason) => { test.skip(name); console.log(`skipped: ${name} (${reason})`) },
 *   ok: (value, message) => assert.ok(value, message),
 *   equal: (actual, expected, message) => assert.equal(actual, expected, message),
 * }
 * sourceConformance(runner, harness)
 * test.run()
 * ```
 * @public
 */
export interface TestRunner extends Assertions {
  /** Registers a case. It rejects with an `Error` when the promise of its name is broken. */
  test(name: string, run: () => Promise<void>): void
  /** A case that is not run, because the harness declares that it does not apply: to be shown, with the reason. */
  skip(name: string, reason: string): void
}

/** One promise, and how it is tried. `H` is the harness. @public */
export interface ConformanceCase<H> {
  readonly name: string
  /** Why it does not apply to this harness. */
  readonly skip?: (harness: H) => string | undefined
  readonly run: (assert: Assertions, harness: H) => Promise<void>
}

/** Time a case may take unless the harness says otherwise. */
export const defaultDeadlineMillis = 10_000

/** Settles as `run` does, or rejects after `millis`: a broken promise often shows as one that never settles. */
export const withDeadline = async (what: string, millis: number, run: () => Promise<void>): Promise<void> => {
  const ended = new AbortController()
  const late = systemClock.sleep(millis, ended.signal).then(
    () => Promise.reject(new Error(`${what}: had not ended after ${millis} ms`)),
    () => undefined,
  )
  try {
    await Promise.race([run(), late])
  } finally {
    ended.abort()
  }
}

/** Registers the cases with the runner, or as skipped. */
export const registerCases = <H extends { readonly deadlineMillis?: number }>(
  runner: TestRunner,
  cases: readonly ConformanceCase<H>[],
  harness: H,
): void => {
  const millis = harness.deadlineMillis ?? defaultDeadlineMillis
  for (const { name, skip, run } of cases) {
    const reason = skip?.(harness)
    if (reason === undefined) runner.test(name, () => withDeadline(name, millis, () => run(runner, harness)))
    else runner.skip(name, reason)
  }
}

/** What became of one case. @public */
export type CaseResult =
  | { readonly _tag: 'Passed'; readonly name: string }
  | { readonly _tag: 'Skipped'; readonly name: string; readonly reason: string }
  | { readonly _tag: 'Failed'; readonly name: string; readonly error: unknown }

const resultOf = async (name: string, run: () => Promise<void>): Promise<CaseResult> => {
  try {
    await run()
    return { _tag: 'Passed', name }
  } catch (error) {
    return { _tag: 'Failed', name, error }
  }
}

/**
 * Runs a suite without a test runner, one case after the other: to print a connector's promises as a table, or to prove that
 * a suite catches a broken one.
 * @param register gets the runner, and calls the suite with it
 * @public
 */
export const runSuite = async (register: (runner: TestRunner) => void): Promise<readonly CaseResult[]> => {
  const cases: (() => Promise<CaseResult>)[] = []
  register({
    test: (name, run) => void cases.push(() => resultOf(name, run)),
    skip: (name, reason) => void cases.push(async () => ({ _tag: 'Skipped', name, reason })),
    ok: (value, message) => {
      if (!value) throw new Error(message)
    },
    equal: (actual, expected, message) => {
      try {
        deepStrictEqual(actual, expected)
      } catch (cause) {
        throw new Error(message, { cause })
      }
    },
  })
  const results: CaseResult[] = []
  for (const run of cases) results.push(await run())
  return results
}
