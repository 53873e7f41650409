import { isAbsolute, resolve } from 'node:path'
import { ConnectorError, type ErrorCode } from '@millrace/core'

const CODES: Readonly<Record<string, readonly [code: ErrorCode, what: string, retryable?: boolean]>> = {
  ENOENT: ['NotFound', 'is not there any more'],
  ENOTDIR: ['NotFound', 'is not there: part of the path is no folder'],
  EACCES: ['PermissionDenied', 'may not be read: check its permissions and those of the folders above it'],
  EPERM: ['PermissionDenied', 'may not be read: check its permissions and those of the folders above it'],
  ELOOP: ['InvalidArgument', 'is a symbolic link that leads back to itself'],
  ENAMETOOLONG: ['InvalidArgument', 'has too long a name'],
  EMFILE: ['ResourceExhausted', 'cannot be opened: this process has too many open files (see ulimit -n)', true],
  ENFILE: ['ResourceExhausted', 'cannot be opened: this machine has too many open files', true],
  EBUSY: ['Unavailable', 'is busy', true],
  EAGAIN: ['Unavailable', 'is busy', true],
  EIO: ['Unavailable', 'could not be read: its disk or network gave an input/output error', true],
  ESTALE: ['Unavailable', 'could not be read: its network drive has lost it', true],
  ETIMEDOUT: ['Unavailable', 'could not be read: its network drive does not answer', true],
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** What Node's file system said about `path`, classified. @internal */
export const fileError = (path: string, cause: unknown): ConnectorError => {
  if (cause instanceof ConnectorError) return cause
  const [code, what, retryable = false] = CODES[codeOf(cause) ?? ''] ?? ['Unknown', `could not be read: ${String(cause)}`]
  return new ConnectorError({ _tag: 'File', code, message: `${path} ${what}`, retryable, cause })
}

/** The same for a path that somebody gave: it may never have been there, and where it was looked for is half the answer. @internal */
export const pathError = (path: string, cause: unknown): ConnectorError => {
  if (codeOf(cause) !== 'ENOENT') return fileError(resolve(path), cause)
  const seen = isAbsolute(path) ? '' : ` (seen from ${process.cwd()})`
  return new ConnectorError({ _tag: 'File', code: 'NotFound', message: `${resolve(path)} does not exist${seen}: check the path`, cause })
}

/** Nothing was found to read. @internal */
export const nothingFound = (message: string): ConnectorError =>
  new ConnectorError({ _tag: 'NothingFound', code: 'NotFound', message, retryable: false })

/** An object that is not the one that was listed. @internal */
export const changedWhileRead = (name: string, what: string): ConnectorError => new ConnectorError({
  _tag: 'Changed',
  code: 'FailedPrecondition',
  message: `${name} changed while it was read (${what}): its records cannot be trusted. ` +
    'Wait until nothing writes to it, or read a copy, then run again',
  retryable: false,
})

/** The read was aborted. @internal */
export const cancelled = (name: string, cause: unknown): ConnectorError =>
  new ConnectorError({ _tag: 'Cancelled', code: 'Cancelled', message: `reading ${name} was aborted`, cause })

/** Anything else that a store or zlib came up with, so that all errors are classified. @internal */
export const unknownError = (name: string, cause: unknown): ConnectorError => {
  if (cause instanceof ConnectorError) return cause
  return new ConnectorError({ _tag: 'Unknown', code: 'Unknown', message: `${name} could not be read: ${String(cause)}`, cause })
}
