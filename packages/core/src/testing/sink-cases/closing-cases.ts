import type { Assertions } from '../suite.js'
import { deliver, rowsOf, withTarget, type SinkCase } from './session.js'

const closesTwice: SinkCase = {
  name: 'may be closed twice, also when nothing was written',
  run: (_assert, harness) =>
    withTarget(harness, async (_fixture, open) => {
      const { writer, host } = await open()
      await writer.close()
      await writer.close()
      await host?.close()
      await host?.close()
    }),
}

const closesInFlight: SinkCase = {
  name: 'may be closed while a write is under way: both end',
  run: (_assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const { writer, host } = await open()
      // Whether that write succeeds is the sink's choice; that it ends is not.
      const write = writer.write(rowsOf(fixture, 0, 100)).then(
        () => undefined,
        () => undefined,
      )
      await writer.close()
      await write
      await host?.close()
    }),
}

const rejection = async (assert: Assertions, what: string, call: () => Promise<unknown>): Promise<void> => {
  const error: unknown = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Error, `${what} after close did not reject with an Error, but: ${String(error)}`)
  if (error instanceof Error) assert.ok(/clos/i.test(error.message), `"${error.message}" does not say that it is closed`)
}

const refusesAfterClose: SinkCase = {
  name: 'after close, a write (and a commit of its store) is refused with an error that says so',
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const session = await open()
      await deliver(session, 1, rowsOf(fixture, 0, 1))
      await session.close()
      const { writer, host } = session
      await rejection(assert, 'write', () => writer.write(rowsOf(fixture, 1, 2)))
      if (host !== undefined) await rejection(assert, 'readCheckpoint', () => host.readCheckpoint('conformance'))
    }),
}

/** How a sink ends. */
export const closingCases: readonly SinkCase[] = [closesTwice, closesInFlight, refusesAfterClose]
