import { ConnectorError, type Clock, type Instrument } from '@millrace/core'
import { intercept, type PortCall } from '@millrace/core/testing'

/** What goes wrong in one life of a process. */
export interface Trouble {
  /** Its so-manieth call to the outside is its last: nothing works from then on. */
  readonly diesAtCall?: number
  /** Whether the last call is done all the same. */
  readonly diesAfter?: boolean
  /** Each so-manieth call fails at first. */
  readonly flaky?: number
  /** Each write takes so long. */
  readonly slowMillis?: number
}

const canFail = ({ port, method }: PortCall): boolean => port !== 'clock' && !['subscribe', 'next', 'complete', 'close'].includes(method)

const tryAgain = ({ port, method }: PortCall): ConnectorError =>
  new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: `${port} ${method}: try again`, retryable: true })

const isWrite = ({ method }: PortCall): boolean => method === 'commitEpoch' || method === 'commit'

/** Brings trouble to a run, through its ports. */
export const troubled = ({ diesAtCall = 0, diesAfter = false, flaky = 0, slowMillis = 0 }: Trouble, clock: Clock): Instrument => {
  let calls = 0
  let isDead = false
  const dieIf = (now: boolean, { port, method }: PortCall): void => {
    isDead ||= now
    if (isDead) throw new Error(`died at ${port} ${method}`)
  }
  return intercept({
    before: async (call) => {
      if (!canFail(call)) return
      calls++
      dieIf(calls === diesAtCall && !diesAfter, call)
      if (flaky > 0 && calls % flaky === 0) throw tryAgain(call)
      if (slowMillis > 0 && isWrite(call)) await clock.sleep(slowMillis)
      dieIf(false, call)
    },
    after: (call) => {
      if (canFail(call)) dieIf(calls >= diesAtCall && diesAtCall > 0 && diesAfter, call)
    },
  })
}
