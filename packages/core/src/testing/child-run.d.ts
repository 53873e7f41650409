/** A program to be run in a process of its own. */
export interface ChildProgram {
    readonly program: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    /** It is ended with SIGTERM after this. */
    readonly deadlineMillis: number;
}
/** How it ended. */
export interface ChildEnd {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    /** The end of what it printed, both streams. */
    readonly output: string;
}
/** Runs a Node program to its end. */
export declare const runChild: ({ program, args, env, deadlineMillis }: ChildProgram) => Promise<ChildEnd>;
/** In words, with what it printed. */
export declare const describeEnd: ({ code, signal, output }: ChildEnd) => string;
//# sourceMappingURL=child-run.d.ts.map