import { ConnectorError, type Failure } from '../failure.js'

/** What user code threw, as a failure of the element that it was called with. */
export const failureOf = (thrown: unknown): Failure => {
  if (thrown instanceof ConnectorError) return thrown
  if (thrown instanceof Error) return { _tag: thrown.name, code: 'Unknown', message: thrown.message, cause: thrown }
  return { _tag: 'Thrown', code: 'Unknown', message: `something that is no Error was thrown: ${describe(thrown)}`, cause: thrown }
}

const describe = (thrown: unknown): string => {
  try {
    return String(thrown).slice(0, 200)
  } catch {
    return typeof thrown
  }
}

/** The stack of what caused a failure, if it has one. */
export const stackOf = (failure: Failure): string | null => {
  const error = failure instanceof Error ? failure : failure.cause
  return error instanceof Error ? (error.stack ?? null) : null
}
