import { ConnectorError, type ErrorCode } from '../../failure.js'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'ResourceExhausted',
  EDQUOT: 'ResourceExhausted',
  EMFILE: 'ResourceExhausted',
  ENFILE: 'ResourceExhausted',
  EFBIG: 'ResourceExhausted',
  EACCES: 'PermissionDenied',
  EPERM: 'PermissionDenied',
  EROFS: 'PermissionDenied',
  ENOTDIR: 'FailedPrecondition',
  EIO: 'DataLoss',
}

const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  ResourceExhausted: 'Make room (disk space, quota or open files) and start again: the last checkpoint is intact.',
  PermissionDenied: 'Give this user the right to write there, or choose another directory.',
  FailedPrecondition: 'A file stands where a folder is needed: choose another directory.',
  DataLoss: 'The disk reports an error: check it before starting again.',
}

/** The error code of node's file system (`ENOENT`, …), if it is one. */
export const fileErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** An error of the file system as what core knows. What is classified already stays as it is. */
export const classified = (error: unknown, doing: string, tag = 'CheckpointFile'): ConnectorError => {
  if (error instanceof ConnectorError) return error
  const code = codes[fileErrorCode(error) ?? ''] ?? 'Unknown'
  const reason = error instanceof Error ? error.message : String(error)
  const message = [`${doing}: ${reason}.`, remedies[code] ?? ''].join(' ').trim()
  return new ConnectorError({ _tag: tag, code, message, cause: error })
}

/** The checkpoint on disk is not what was written: names the file and says what can be done. */
export const corrupt = (file: string, folder: string, what: string): ConnectorError =>
  new ConnectorError({
    _tag: 'CorruptCheckpoint',
    code: 'DataLoss',
    message:
      `The checkpoint is damaged: ${file} ${what}. Nothing was read and nothing was changed. Restore the folder ${folder} from a ` +
      'backup; or delete that folder to begin from nothing, which reads all input again and writes its rows a second time ' +
      'where the sinks cannot tell.',
  })
