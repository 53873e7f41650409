import type { Instrument } from '../local/instrument.js';
import type { Clock } from '../time/clock.js';
import { type PortCall } from './intercept.js';
/** What goes wrong. @public */
export type FaultAct = 
/** The call rejects (or throws) with this. */
{
    readonly _tag: 'Fail';
    readonly error: Error;
}
/** The call takes so much longer, by the plan's clock. */
 | {
    readonly _tag: 'Delay';
    readonly millis: number;
}
/** The call never ends. */
 | {
    readonly _tag: 'Hang';
}
/** Something happens beside the call. */
 | {
    readonly _tag: 'Run';
    readonly run: () => void;
};
/** One thing that goes wrong once, or some times in a row. @public */
export interface Fault {
    readonly port: PortCall['port'];
    readonly method: PortCall['method'];
    /** Only on the source or sink of this name; default: all of the port count together. */
    readonly name?: string;
    /** The how-manieth of these calls it hits, from 1; default 1. */
    readonly nth?: number;
    /** How many calls in a row from there; default 1. */
    readonly times?: number;
    /** `after`: what the call does is done, and its caller does not get to know; default `before`. */
    readonly when?: 'before' | 'after';
    readonly act: FaultAct;
}
/** An instrument that breaks things by plan. @public */
export interface Faults extends Instrument {
    /** Faults that have not struck as often as they should: a test on faults asserts that none is left. */
    left(): readonly Fault[];
}
/** Reject with this. @public */
export declare const failWith: (error: Error) => FaultAct;
/** Take so much longer. @public */
export declare const delayBy: (millis: number) => FaultAct;
/** Never end. @public */
export declare const hang: FaultAct;
/**
 * Wraps ports so that the calls named in the plan go wrong: for the option `instrument` of a run, or for one port
 * (`failing(plan).sink(sink)`). Calls are counted over all ports wrapped by the same value. At most one fault strikes
 * a call, the first in the plan.
 * @param options - `clock` of delays; default the system's
 * @throws Error if a fault can never strike as it says
 * @public
 */
export declare const failing: (plan: readonly Fault[], { clock }?: {
    readonly clock?: Clock;
}) => Faults;
//# sourceMappingURL=faults.d.ts.map