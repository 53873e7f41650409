import { ConnectorError, type Instrument } from '@millrace/core'
import { intercept, type PortCall } from '#src/testing/intercept.js'

/** Calls that can reject; the others are part of one that can. */
const canReject = ({ port, method }: PortCall): boolean =>
  port !== 'clock' && !['subscribe', 'next', 'complete', 'close'].includes(method)

const unavailable = ({ port, method }: PortCall): ConnectorError =>
  new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: `${port} ${method}: try again`, retryable: true })

/** When a process dies: before or after its so-manieth call of a kind (`any`, or port and method: `sink commit`). */
export interface Death {
  readonly call: string
  readonly nth: number
  readonly when: 'before' | 'after'
}

/**
 * A process that dies: from then on no call does anything. And on the way, each `flaky`-th call fails at first (0: none).
 */
export const dying = (death: Death | undefined, flaky: number): Instrument => {
  let calls = 0
  let deadly = 0
  let dead = false
  const isDeadly = ({ port, method }: PortCall): boolean =>
    death !== undefined && (death.call === 'any' || death.call === `${port} ${method}`)
  const dieIf = (now: boolean, { port, method }: PortCall): void => {
    dead ||= now
    if (dead) throw new Error(`died at ${port} ${method}`)
  }
  return intercept({
    before: (call) => {
      if (!canReject(call)) return
      if (isDeadly(call)) deadly++
      dieIf(isDeadly(call) && deadly === death?.nth && death.when === 'before', call)
      if (flaky > 0 && ++calls % flaky === 0) throw unavailable(call)
    },
    after: (call) => {
      if (canReject(call)) dieIf(isDeadly(call) && deadly === death?.nth && death.when === 'after', call)
    },
  })
}
