import { systemClock } from '../time/system.js';
import { intercept } from './intercept.js';
/** Reject with this. @public */
export const failWith = (error) => ({ _tag: 'Fail', error });
/** Take so much longer. @public */
export const delayBy = (millis) => ({ _tag: 'Delay', millis });
/** Never end. @public */
export const hang = { _tag: 'Hang' };
/** Calls around which nothing can wait. */
const synchronous = ['subscribe', 'next', 'complete', 'now'];
const checkFault = ({ port, method, nth = 1, times = 1, act }) => {
    const waits = act._tag === 'Delay' || act._tag === 'Hang';
    if (waits && synchronous.includes(method)) {
        throw new Error(`failing: ${port}.${method} is synchronous and cannot be held up (${act._tag}): fail it, or hold up another call`);
    }
    if (!(Number.isInteger(nth) && nth >= 1 && Number.isInteger(times) && times >= 1)) {
        throw new RangeError(`failing: nth (${nth}) and times (${times}) of a fault of ${port}.${method} are whole numbers from 1`);
    }
};
const concerns = ({ fault }, call, when) => fault.port === call.port &&
    fault.method === call.method &&
    (fault.when ?? 'before') === when &&
    (fault.name === undefined || fault.name === call.name);
/** Counts the call, and says whether it is one of those that are hit. */
const strikes = (armed) => {
    const { nth = 1, times = 1 } = armed.fault;
    armed.seen++;
    const hit = armed.seen >= nth && armed.seen < nth + times;
    if (hit)
        armed.struck++;
    return hit;
};
const act = (fault, clock) => {
    switch (fault._tag) {
        case 'Fail':
            throw fault.error;
        case 'Delay':
            return clock.sleep(fault.millis);
        case 'Hang':
            return new Promise(() => undefined);
        case 'Run':
            return fault.run();
    }
};
/**
 * Wraps ports so that the calls named in the plan go wrong: for the option `instrument` of a run, or for one port
 * (`failing(plan).sink(sink)`). Calls are counted over all ports wrapped by the same value. At most one fault strikes
 * a call, the first in the plan.
 * @param options - `clock` of delays; default the system's
 * @throws Error if a fault can never strike as it says
 * @public
 */
export const failing = (plan, { clock = systemClock } = {}) => {
    plan.forEach(checkFault);
    const armed = plan.map((fault) => ({ fault, seen: 0, struck: 0 }));
    const hook = (when) => (call) => {
        const hits = armed.filter((one) => concerns(one, call, when)).filter(strikes);
        if (hits[0] !== undefined)
            return act(hits[0].fault.act, clock);
    };
    return {
        ...intercept({ before: hook('before'), after: hook('after') }),
        left: () => armed.filter(({ fault, struck }) => struck < (fault.times ?? 1)).map(({ fault }) => fault),
    };
};
//# sourceMappingURL=faults.js.map