/** A program and how to tell that a crash did it no harm. @public */
export interface CrashRun {
    /** Path of a Node module. It gives `crashInstrumentFromEnv()` to its run, keeps all its state in the directory, and run again resumes. */
    readonly program: string;
    /** By the directory that is this run's own; default: the directory is the only argument. */
    readonly args?: (directory: string) => readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Puts input into a fresh directory. */
    readonly prepare?: (directory: string) => Promise<void>;
    /** Throws if what the crashed and resumed run left in `directory` is not what the undisturbed one left in `undisturbed`. */
    readonly compare: (directory: string, undisturbed: string) => Promise<void> | void;
    /** Children at a time; default 1. */
    readonly parallel?: number;
    /** Which points to try, of all; default all. See `sampleCrashPoints`. */
    readonly choose?: (points: readonly string[]) => readonly string[];
    /**
     * Points which the crashing run need not reach, because how often they are passed depends on timing; default those of the
     * clock. Any other point that is missed three times is a failure.
     */
    readonly mayMiss?: (point: string) => boolean;
    /** Gets the list of points, and what became of them. */
    readonly print?: (line: string) => void;
    /** For one child; default 60,000. */
    readonly deadlineMillis?: number;
}
/** What was tried. @public */
export interface CrashReport {
    /** All points of the undisturbed run, `name#occurrence`, in order. */
    readonly points: readonly string[];
    /** Those at which the program was killed, resumed and compared. */
    readonly crashed: readonly string[];
    /** Those that were not reached, and may be missed. */
    readonly missed: readonly string[];
}
/**
 * Puts a program through its crash points. It is run once undisturbed, which lists the points; then, for each, in a fresh
 * directory, run until SIGKILL ends it there, run again to resume, and compared with the undisturbed one.
 * Directories are made below the system's temporary folder and removed, but those of points that failed.
 * @throws Error that lists every point that failed, why, and where its directory is; also if there is no point at all
 * @public
 */
export declare const runCrashPoints: (run: CrashRun) => Promise<CrashReport>;
//# sourceMappingURL=crash-driver.d.ts.map