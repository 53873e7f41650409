/** The command line makes no sense; the message says what does. */
export class UsageError extends Error {
  /** The command whose help explains it, if one was named. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.name = 'UsageError'
    this.command = command
  }
}
