import { ConnectorError, type Instrument } from '@millrace/core'
import { intercept, type PortCall } from '#src/testing/intercept.js'

/** Calls that can reject; the others are part of one that can. */
const canReject = ({ port, method }: PortCall): boolean => port !== 'clock' && !['subscribe', 'next', 'complete', 'close'].includes(method)

const unavailable = ({ port, method }: PortCall): ConnectorError =>
  new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: `${port} ${method}: try again`, retryable: true })

/**
 * A process that dies at its so-manieth call through a port, before it or after it: from then on no call does anything. And on the
 * way, each `flaky`-th call fails at first (0: none).
 */
export const dyingAt = (deathCall: number, when: 'before' | 'after', flaky: number): Instrument => {
  let calls = 0
  let dead = false
  const die = (call: PortCall): void => {
    dead = true
    throw new Error(`died at ${call.port} ${call.method}`)
  }
  return intercept({
    before: (call) => {
      if (!canReject(call)) return
      if (dead || (++calls === deathCall && when === 'before')) die(call)
      if (flaky > 0 && calls % flaky === 0) throw unavailable(call)
    },
    after: (call) => {
      if (canReject(call) && (dead || (calls === deathCall && when === 'after'))) die(call)
    },
  })
}
