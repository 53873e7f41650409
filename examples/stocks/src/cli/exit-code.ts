/** What the process says with its exit code. */
export const ExitCode = {
  /** Done. Dead letters included: bad data is an expected outcome, and is in the table. */
  done: 0,
  /** Something failed; what was committed stays, and the same command resumes. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Understood, and not done, because it would harm what is there. */
  refused: 3,
  /** Stopped by SIGINT (128 + 2). The same command resumes. */
  interrupted: 130,
  /** Stopped by SIGTERM (128 + 15). The same command resumes. */
  terminated: 143,
} as const

/** @see {@link ExitCode} */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
