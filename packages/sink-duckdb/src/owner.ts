import { ConnectorError } from '@millrace/core'
import { identifyFile } from './file-identity.js'
import { findOwner } from './owner/call-owner.js'

/** Who has a DuckDB file. @public */
export interface DuckDbOwner {
  readonly pid: number
  /** Names of the pipelines that use the file there; none while the first one begins. */
  readonly pipelines: readonly string[]
}

/**
 * Who has a DuckDB file: this process or another one that opened it with this package and can be asked; `undefined` if nobody answers
 * wherever an owner would listen. Other programs, and an owner that could make no socket (it warned of that), are not seen.
 * @throws ConnectorError `OwnerUnknown`, retryable, when there may be one that cannot be asked, after 5 s at most for each place
 * @public
 */
export const duckdbOwner = async (path: string): Promise<DuckDbOwner | undefined> => {
  const found = await findOwner(identifyFile(path))
  if (found.owner !== undefined) {
    const { hello, line } = found.owner
    line.close()
    return { pid: hello.pid, pipelines: hello.pipelines }
  }
  if (found.trouble === undefined) return undefined
  throw new ConnectorError({
    _tag: 'OwnerUnknown', code: 'Unavailable', retryable: true,
    message: `Whether a process has ${path} could not be found out: ${found.trouble}. End that process, or remove the socket if nothing runs.`,
  })
}
