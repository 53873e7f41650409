import type { Instrument } from '../local/instrument.js';
/** Where the driver tells a child to write its points. @public */
export declare const crashListVariable = "MILLRACE_CRASH_LIST";
/** Where the driver tells a child at which point to die. @public */
export declare const crashAtVariable = "MILLRACE_CRASH_AT";
/** Gets the name of a point and how often it was reached, from 1. @public */
export type OnCrashPoint = (name: string, occurrence: number) => void;
/**
 * An instrument with a crash point before and after every call through a port that succeeds, named by port, method and side, and
 * numbered by occurrence: `store.commitEpoch:before` 3. The clock: `sleep` like all others; `now` is called too
 * often, so only the calls 1, 2, 4, 8, … are points, and only before.
 * @public
 */
export declare const crashProbe: (onPoint: OnCrashPoint) => Instrument;
/**
 * Kills this process with SIGKILL at one point.
 * @param point `name#occurrence`, or `k`: the k-th point of all, from 1
 * @public
 */
export declare const crashAt: (point: string | number) => OnCrashPoint;
/** Writes every point to a file, a line each, at the moment it is reached. @public */
export declare const recordCrashPoints: (path: string) => OnCrashPoint;
/** What `recordCrashPoints` wrote: `name#occurrence`, in the order in which they were reached. @public */
export declare const listCrashPoints: (path: string) => readonly string[];
/**
 * For a program that `runCrashPoints` runs: the instrument that the environment asks for, to be given to the run, or
 * `undefined` if it asks for none (so a program may always call this).
 * @public
 */
export declare const crashInstrumentFromEnv: (env?: NodeJS.ProcessEnv) => Instrument | undefined;
/**
 * Some of many points: the first and the last of every name, and others evenly between, `most` in all (or more, if there
 * are more names than that).
 * @public
 */
export declare const sampleCrashPoints: (points: readonly string[], most: number) => readonly string[];
//# sourceMappingURL=crash-points.d.ts.map