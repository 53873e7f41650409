import { ConnectorError, type ErrorCode, RefusedError } from '@millrace/core'

/** DuckDB gives its errors as text only; every pattern here is pinned by a test against the real library. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The commit met a key that is there already: not an error yet, it is looked into. */
export const isDuplicateKey = (error: unknown): boolean => {
  const message = messageOf(error)
  return /constraint/i.test(message) && /duplicate key/i.test(message)
}

const REMEDY = 'wait for that process, stop it, or give this one another file.'

const inUse = (path: string, message: string, cause: unknown): RefusedError => {
  const owner = /held in (.*?) \(PID (\d+)\)/.exec(message)
  const who = owner === null ? 'another process' : `process ${owner[2]} (${owner[1]})`
  return new RefusedError(`${path} is in use by ${who}. A DuckDB file has one owner at a time, also for reading: ${REMEDY}`, IN_USE, cause)
}

const IN_USE = 'DatabaseInUse'

/** Whether another process has the file. */
export const isInUse = ({ _tag }: ConnectorError): boolean => _tag === IN_USE

/** The same refusal, with why its owner could not be asked. */
export const withReason = (refusal: ConnectorError, trouble: string | undefined): ConnectorError =>
  trouble === undefined ? refusal : new RefusedError(`${refusal.message} (It could not be asked: ${trouble}.)`, refusal._tag, refusal.cause)

/** The owner answered: it is to be written into by one. */
export const inUseBy = (path: string, pid: number, pipelines: readonly string[]): RefusedError => {
  const who = pid === process.pid ? `another thread of this process, ${pid}` : `process ${pid}`
  const what = pipelines.length === 0 ? 'no pipeline yet' : `pipelines ${pipelines.join(', ')}`
  return new RefusedError(`${path} is in use by ${who} (${what}). One process at a time can write into a DuckDB file: ${REMEDY}`, IN_USE)
}

/**
 * A statement that does more than read.
 * @param what - its kind, or the function that does it
 */
export const onlyReads = (path: string, what: string | undefined): ConnectorError =>
  new ConnectorError({
    _tag: 'OnlyReads', code: 'InvalidArgument',
    message: `Only reading is possible here, by one SELECT: what writes into ${path} is the sinks of a pipeline. (${what ?? 'This statement'} is not allowed.)`,
  })

/** Somebody asked for it: nothing is wrong with the file. */
export const isInterrupted = (error: unknown): boolean => /interrupt/i.test(messageOf(error))

const OUT_OF_MEMORY = /out of memory|failed to (pin|allocate)|could not allocate/i

/** DuckDB's memory limit was reached: the transaction is lost, the database is not. */
export const isOutOfMemory = (error: unknown): boolean => OUT_OF_MEMORY.test(messageOf(error))

interface Rule {
  readonly pattern: RegExp
  readonly tag: string
  readonly code: ErrorCode
  readonly says: (path: string) => string
  readonly retryable?: boolean
}

const RULES: readonly Rule[] = [
  {
    pattern: /no space left|file too large|disk quota|max_temp_directory_size/i,
    tag: 'DiskFull', code: 'ResourceExhausted',
    says: (path) => `there is no space left for ${path}. Nothing of this epoch was acknowledged: free some space and run again`,
  },
  {
    pattern: OUT_OF_MEMORY,
    tag: 'MemoryLimit', code: 'ResourceExhausted',
    says: (path) => `there is not enough memory for ${path}: raise \`memoryLimit\`, or make epochs or records smaller`,
  },
  {
    pattern: /(cannot execute statement of type|transaction is launched in)\b.*read-only/is,
    tag: 'OnlyReads', code: 'InvalidArgument',
    says: (path) => `only reading is possible here: what writes into ${path} is the sinks of a pipeline`,
  },
  {
    pattern: /permission denied|read-only file system|operation not permitted|read-only mode/i,
    tag: 'NotWritable', code: 'PermissionDenied',
    says: (path) => `${path} cannot be written: the file and its folder must be writable by this user (the log lies beside the file)`,
  },
  {
    pattern: /no such file or directory|not a directory/i,
    tag: 'NoFolder', code: 'NotFound',
    says: (path) => `${path} cannot be created: its folder does not exist`,
  },
  {
    pattern: /checksum|corrupt/i,
    tag: 'Damaged', code: 'DataLoss',
    says: (path) => `${path} is damaged. Nothing more was acknowledged: restore it from a copy, or begin in a new file`,
  },
  {
    pattern: /interrupt/i,
    tag: 'Interrupted', code: 'Cancelled',
    says: (path) => `the work on ${path} was interrupted; what was not acknowledged was not written`,
  },
  {
    pattern: /invalidated because of a previous fatal error|fatal error/i,
    tag: 'DatabaseBroken', code: 'Internal',
    says: (path) => `DuckDB gave up on ${path} after an error: restart the process, it resumes from the last commit`,
  },
  {
    pattern: /constraint error|constraint violation/i,
    tag: 'Constraint', code: 'FailedPrecondition',
    says: (path) => `a row breaks a constraint that was added to a table of ${path}`,
  },
  {
    pattern: /\b(parser|binder|catalog|conversion|invalid input) error/i,
    tag: 'Statement', code: 'InvalidArgument',
    says: (path) => `a statement does not work on ${path}`,
  },
  {
    pattern: /transaction conflict|conflict on/i,
    tag: 'TransactionConflict', code: 'Aborted', retryable: true,
    says: (path) => `another connection of this process changed the same rows of ${path}`,
  },
]

const REFUSALS: readonly Rule[] = [
  {
    pattern: /not a valid duckdb database file|could not read enough bytes|checksum|corrupt|deserializ|serialization error|failure while replaying wal/i,
    tag: 'NotADatabase', code: 'FailedPrecondition',
    says: (path) => `${path} is not a DuckDB database, or is damaged: move it away, or give another file. It was not touched`,
  },
  {
    pattern: /database file with version|storage version|newer version of duckdb/i,
    tag: 'OtherVersion', code: 'FailedPrecondition',
    says: (path) => `${path} was written by another version of DuckDB that this one cannot read: export it there, or give another file`,
  },
]

const ruled = (rules: readonly Rule[], path: string, message: string): { rule: Rule; text: string } | undefined => {
  const rule = rules.find(({ pattern }) => pattern.test(message))
  return rule === undefined ? undefined : { rule, text: `${sentence(rule.says(path), path)}. (DuckDB: ${message.trim()})` }
}

/** A capital first, unless that letter is the path's. */
const sentence = (text: string, path: string): string =>
  text.startsWith(path) ? text : text.charAt(0).toUpperCase() + text.slice(1)

/** What went wrong with the file at `path`, as an error of ours; ours stay as they are. */
export const classify = (error: unknown, path: string): ConnectorError => {
  if (error instanceof ConnectorError) return error
  const message = messageOf(error)
  const found = ruled(RULES, path, message)
  if (found === undefined) {
    return new ConnectorError({ _tag: 'DuckDb', code: 'Internal', message: `${path}: ${message}`, cause: error })
  }
  const { tag, code, retryable = false } = found.rule
  return new ConnectorError({ _tag: tag, code, retryable, message: found.text, cause: error })
}

/** The same for an attempt to open it. */
export const classifyOpening = (error: unknown, path: string): ConnectorError => {
  if (error instanceof ConnectorError) return error
  const message = messageOf(error)
  if (/could not set lock/i.test(message)) return inUse(path, message, error)
  const refusal = ruled(REFUSALS, path, message)
  return refusal === undefined ? classify(error, path) : new RefusedError(refusal.text, refusal.rule.tag, error)
}

/** Something was used after its end. */
export const closedError = (what: string): ConnectorError =>
  new ConnectorError({ _tag: 'Closed', code: 'FailedPrecondition', message: `${what} was closed` })
