import { AssertionError } from 'node:assert'

/** Where a test called. */
export interface CallSite {
  readonly stack?: string
}

/** The place of a test's call of `method`, for errors that are found later. */
export const callSite = (method: (...args: never[]) => unknown): CallSite => {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, method)
  return site
}

/** An error that points at the line of the test, whenever it was found; test runners show what came beside what was expected. */
export const failAt = ({ stack = '' }: CallSite, message: string, actual?: unknown, expected?: unknown): AssertionError => {
  const error = new AssertionError({ message, actual, expected, operator: 'testPipeline' })
  error.stack = `${error.name}: ${message}\n${stack.split('\n').slice(1).join('\n')}`
  return error
}
