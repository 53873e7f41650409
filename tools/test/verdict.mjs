// uvu answers "green" (exit code 0) where it should not: a suite without `.run()`, a test that throws something that is
// not an Error, a throwing `before` hook. And it has no deadline. So its word is not taken: what it printed is counted.

import { stripVTControlCharacters } from 'node:util'

const count = (output, label) => {
  const found = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)$`, 'gm'))].at(-1)
  return found === undefined ? undefined : Number(found[1])
}

/** Whether uvu has printed its summary, so that nothing but a leaked handle can keep the process alive. */
export const isFinished = (output) => /^ {2}Duration: /m.test(stripVTControlCharacters(output))

const skipReasons = (output) => [...output.matchAll(/(?:^|\s)(?:# SKIP|skipped:) (.+)$/gm)].map((found) => found[1].trim())

const whyRed = ({ exitCode, killed, total, passed, skipped, reasons, ci }) => {
  if (killed !== undefined) return killed
  if (total === undefined && exitCode === 0) return 'it ran no test: a suite without .run()'
  if (total === undefined) return `it ended with exit code ${exitCode} before its tests did`
  if (total === 0 && skipped === 0) return 'it ran no test: its suites are empty'
  const hidden = exitCode === 0 ? ', though uvu says nothing: a hook threw, or a test threw something that is no Error' : ''
  if (passed < total) return `${total - passed} of ${total} did not pass${hidden}`
  if (skipped > reasons.length && reasons.length === 0) return 'it skips without saying why: print "# SKIP data: …" or "# SKIP toolchain: …"'
  const missing = reasons.find((reason) => reason.startsWith('toolchain:'))
  if (ci && missing !== undefined) return `CI must have what it tests with, yet it skipped: ${missing}`
  if (exitCode !== 0) return `all tests passed, yet it ended with exit code ${exitCode}: something failed after them`
  return undefined
}

/**
 * Judges one test file by what it printed and how it ended.
 * @param {{ output: string, exitCode: number | null, killed?: string }} run `killed`: why it was ended by force
 * @param {{ ci: boolean }} options in CI a skip for want of a tool is a failure
 */
export const judge = ({ output, exitCode, killed }, { ci }) => {
  const text = stripVTControlCharacters(output)
  const total = count(text, 'Total')
  const passed = count(text, 'Passed') ?? 0
  const skipped = count(text, 'Skipped') ?? 0
  const reasons = skipReasons(text)
  const red = whyRed({ exitCode, killed, total, passed, skipped, reasons, ci })
  return { red, passed, skipped, reasons, failed: red === undefined ? 0 : Math.max(1, (total ?? 0) - passed) }
}
