import type { Instrument } from '../local/instrument.js'
import type { Clock } from '../time/clock.js'
import { systemClock } from '../time/system.js'
import { intercept, type PortCall } from './intercept.js'

/** What goes wrong. @public */
export type FaultAct =
  /** The call rejects (or throws) with this. */
  | { readonly _tag: 'Fail'; readonly error: Error }
  /** The call takes so much longer, by the plan's clock. */
  | { readonly _tag: 'Delay'; readonly millis: number }
  /** The call never ends. */
  | { readonly _tag: 'Hang' }
  /** Something happens beside the call. */
  | { readonly _tag: 'Run'; readonly run: () => void }

/** One thing that goes wrong once, or some times in a row. @public */
export interface Fault {
  readonly port: PortCall['port']
  readonly method: PortCall['method']
  /** Only on the source or sink of this name; default: all of the port count together. */
  readonly name?: string
  /** The how-manieth of these calls it hits, from 1; default 1. */
  readonly nth?: number
  /** How many calls in a row from there; default 1. */
  readonly times?: number
  /** `after`: what the call does is done, and its caller does not get to know; default `before`. */
  readonly when?: 'before' | 'after'
  readonly act: FaultAct
}

/** An instrument that breaks things by plan. @public */
export interface Faults extends Instrument {
  /** Faults that have not struck as often as they should: a test on faults asserts that none is left. */
  left(): readonly Fault[]
}

/** Reject with this. @public */
export const failWith = (error: Error): FaultAct => ({ _tag: 'Fail', error })

/** Take so much longer. @public */
export const delayBy = (millis: number): FaultAct => ({ _tag: 'Delay', millis })

/** Never end. @public */
export const hang: FaultAct = { _tag: 'Hang' }

/** Calls around which nothing can wait. */
const synchronous: readonly string[] = ['subscribe', 'next', 'complete', 'now']

const checkFault = ({ port, method, nth = 1, times = 1, act }: Fault): void => {
  const waits = act._tag === 'Delay' || act._tag === 'Hang'
  if (waits && synchronous.includes(method)) {
    throw new Error(`failing: ${port}.${method} is synchronous and cannot be held up (${act._tag}): fail it, or hold up another call`)
  }
  if (!(Number.isInteger(nth) && nth >= 1 && Number.isInteger(times) && times >= 1)) {
    throw new RangeError(`failing: nth (${nth}) and times (${times}) of a fault of ${port}.${method} are whole numbers from 1`)
  }
}

interface Armed {
  readonly fault: Fault
  seen: number
  struck: number
}

const concerns = ({ fault }: Armed, call: PortCall, when: 'before' | 'after'): boolean =>
  fault.port === call.port &&
  fault.method === call.method &&
  (fault.when ?? 'before') === when &&
  (fault.name === undefined || fault.name === call.name)

/** Counts the call, and says whether it is one of those that are hit. */
const strikes = (armed: Armed): boolean => {
  const { nth = 1, times = 1 } = armed.fault
  armed.seen++
  const hit = armed.seen >= nth && armed.seen < nth + times
  if (hit) armed.struck++
  return hit
}

const act = (fault: FaultAct, clock: Clock): void | Promise<void> => {
  switch (fault._tag) {
    case 'Fail':
      throw fault.error
    case 'Delay':
      return clock.sleep(fault.millis)
    case 'Hang':
      return new Promise(() => undefined)
    case 'Run':
      return fault.run()
  }
}

/**
 * Wraps ports so that the calls named in the plan go wrong: for the option `instrument` of a run, or for one port
 * (`failing(plan).sink(sink)`). Calls are counted over all ports wrapped by the same value. At most one fault strikes
 * a call, the first in the plan.
 * @param options - `clock` of delays; default the system's
 * @throws Error if a fault can never strike as it says
 * @public
 */
export const failing = (plan: readonly Fault[], { clock = systemClock }: { readonly clock?: Clock } = {}): Faults => {
  plan.forEach(checkFault)
  const armed = plan.map((fault): Armed => ({ fault, seen: 0, struck: 0 }))
  const hook = (when: 'before' | 'after') => (call: PortCall): void | Promise<void> => {
    const hits = armed.filter((one) => concerns(one, call, when)).filter(strikes)
    if (hits[0] !== undefined) return act(hits[0].fault.act, clock)
  }
  return {
    ...intercept({ before: hook('before'), after: hook('after') }),
    left: () => armed.filter(({ fault, struck }) => struck < (fault.times ?? 1)).map(({ fault }) => fault),
  }
}
