import { createHash } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { ConnectorError, RefusedError } from '../../failure.js'
import { yieldToEventLoop } from '../../time/system.js'
import { writeDurably } from './durable-file.js'
import { fileErrorCode } from './file-errors.js'
import { isRunning, thisProcess, type ProcessIdentity } from './process-identity.js'

interface Owner extends ProcessIdentity {
  readonly host: string
  readonly sinceMillis: number
}

/** A file that says which process may write beside it. */
export interface OwnerLock {
  /** @throws ConnectorError (`Aborted`) if it was deleted or another process has taken it over */
  verify(): Promise<void>
  /** Idempotent. */
  release(): Promise<void>
}

const ignoring =
  (codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(fileErrorCode(error) ?? '')) throw error
    return undefined
  }
const ignoreMissing = ignoring(['ENOENT'])

const readText = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(ignoreMissing)

const parseOwner = (text: string): Owner | undefined => {
  try {
    const owner: unknown = JSON.parse(text)
    const known =
      typeof owner === 'object' &&
      owner !== null &&
      'pid' in owner &&
      Number.isSafeInteger(owner.pid) &&
      'host' in owner
    return known ? (owner as Owner) : undefined // written by this file; pid and host are what decides
  } catch {
    return undefined
  }
}

const linkless = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

// A link is made with its content or not at all, and by one process only. Some file systems have none: there a crash
// between name and content leaves a lock that has to be deleted by hand.
const linkOrWrite = async (temporary: string, file: string, text: string): Promise<void> => {
  try {
    await link(temporary, file)
  } catch (error) {
    if (!linkless.has(fileErrorCode(error) ?? '')) throw error
    await writeFile(file, text, { flag: 'wx' })
  }
}

const create = async (file: string, temporary: string, text: string): Promise<boolean> => {
  await writeDurably(temporary, Buffer.from(text))
  try {
    await linkOrWrite(temporary, file, text)
    return true
  } catch (error) {
    return ignoring(['EEXIST'])(error) ?? false
  } finally {
    await unlink(temporary)
  }
}

const isLive = async (owner: Owner | undefined): Promise<boolean> =>
  owner === undefined || owner.host !== hostname() || isRunning(owner)

const nameOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/**
 * Many may find the same stale lock, and one that looked long ago must not remove what another has put there since: so whoever removes a stale
 * lock claims that first, by a file that is named after the very lock. The claim of a process that died is passed over in the same way.
 */
const removeStale = async (file: string, temporary: string, stale: string, own: string): Promise<void> => {
  const claims = [`${file}.${nameOf(stale)}`]
  for (let [past, claim] = [stale, claims[0] ?? '']; !(await create(claim, temporary, own)); claims.push(claim)) {
    const other = await readText(claim)
    // Somebody is at it, or was.
    if (other === undefined || (await isLive(parseOwner(other)))) return
    past += other
    claim = `${file}.${nameOf(past)}`
  }
  try {
    if ((await readText(file)) === stale) await unlink(file).catch(ignoreMissing)
  } finally {
    for (const claim of claims) await unlink(claim).catch(ignoreMissing)
  }
}

/** What the message says of what is locked. */
export interface LockWords {
  /** Tag of the refusal. */
  readonly tag: string
  /** What this process may do if it is the owner itself. */
  readonly closeFirst: string
}

const checkpointWords: LockWords = { tag: 'CheckpointInUse', closeFirst: 'Close the other store first' }

const refusal = (what: string, file: string, owner: Owner | undefined, words: LockWords): RefusedError => {
  if (owner === undefined)
    return new RefusedError(
      `${what} is locked by ${file}, which cannot be understood. If no process uses it, delete that file.`,
    )
  const self = owner.pid === process.pid && owner.host === hostname()
  const since = Number.isFinite(owner.sinceMillis) ? ` since ${new Date(owner.sinceMillis).toISOString()}` : ''
  const who = self ? `this process (PID ${owner.pid}) already` : `process ${owner.pid} on ${owner.host}`
  const remedy = self
    ? `${words.closeFirst}, or give this run another directory.`
    : `Stop that process, or give this run another directory. If it is gone for certain, delete ${file}.`
  return new RefusedError(`${what} is used by ${who}${since}. ${remedy}`, words.tag)
}

const acquire = async (what: string, file: string, temporary: string, text: string, words: LockWords): Promise<void> => {
  // Each turn ends in owning it, in finding a live owner, in one stale lock less, or in waiting for whoever removes it; many turns
  // mean many takers at once.
  for (let turn = 0; turn < 1_000; turn++) {
    if (await create(file, temporary, text)) return
    const found = await readText(file)
    if (found === undefined) continue
    const owner = parseOwner(found)
    if (await isLive(owner)) throw refusal(what, file, owner, words)
    await removeStale(file, temporary, found, text)
    await yieldToEventLoop()
  }
  throw refusal(what, file, undefined, words)
}

let taken = 0

/**
 * Takes the lock, also from an owner that is dead (killed, or its machine restarted).
 * @param what for the message: what is locked
 * @param words of the message and its tag; default: those of a checkpoint
 * @throws RefusedError naming the live owner and the remedy; an owner on another machine counts as live
 */
export const takeLock = async (what: string, file: string, nowMillis: number, words: LockWords = checkpointWords): Promise<OwnerLock> => {
  const owner: Owner = { ...(await thisProcess()), host: hostname(), sinceMillis: nowMillis }
  const id = `${owner.pid}-${threadId}-${++taken}`
  const text = JSON.stringify({ ...owner, id })
  await acquire(what, file, `${file}.${owner.host}-${id}`, text, words)
  const isOurs = async (): Promise<boolean> => (await readText(file)) === text
  return {
    verify: async () => {
      if (await isOurs()) return
      const lost = `its lock ${file} was deleted or taken over by another one`
      const message = `${what} is no longer this process's: ${lost}. Nothing was written.`
      throw new ConnectorError({ _tag: 'LockLost', code: 'Aborted', message })
    },
    release: async () => {
      if (await isOurs()) await unlink(file).catch(ignoreMissing)
    },
  }
}
