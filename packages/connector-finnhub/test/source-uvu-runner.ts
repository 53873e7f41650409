import type { TestRunner } from '@millrace/core/testing'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'

/** uvu as the conformance suites want it. Skips are printed, because uvu only counts them. */
export const uvuRunner = (test: Test): TestRunner => ({
  test: (name, run) => test(name, run),
  skip: (name, reason) => {
    test.skip(name)
    console.log(`skipped: ${name} (${reason})`)
  },
  ok: (value, message) => assert.ok(value, message),
  equal: (actual, expected, message) => assert.equal(actual, expected, message),
})
