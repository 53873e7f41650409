import { createHash } from 'node:crypto'
import { RefusedError } from '@millrace/core'

/** The right to connect with one key. */
export interface KeyLease {
  /** The connection of whoever had the key before is closed. */
  readonly ready: Promise<void>
  /** Gives it back; the next one connects once `closed` has settled. */
  release(closed: Promise<unknown>): void
}

/** By host and key: held, or the closing of the last connection. */
const inUse = new Map<string, 'held' | Promise<void>>()

/**
 * For the whole process: Finnhub allows a key one connection, and when a second one opens, both are dropped.
 * @throws RefusedError (`KeyInUse`) if another read has it
 */
export const takeKey = (host: string, key: string | undefined, env: string): KeyLease => {
  if (key === undefined) return { ready: Promise.resolve(), release: () => undefined }
  const id = createHash('sha256').update(`${host}\n${key}`).digest('hex')
  const before = inUse.get(id)
  if (before === 'held') {
    const why = 'Finnhub allows a key one connection, and drops both when a second one opens'
    throw new RefusedError(`the key in ${env} is in use already, by another read of ${host} in this process: ${why}. Read all symbols in one source, or use another key`, 'KeyInUse')
  }
  inUse.set(id, 'held')
  const ready = before ?? Promise.resolve()
  return {
    ready,
    release: (closed) => {
      // Whoever never came to connect hands on what it waited for.
      const closing: Promise<void> = Promise.allSettled([ready, closed]).then(() => {
        if (inUse.get(id) === closing) inUse.delete(id)
      })
      inUse.set(id, closing)
    },
  }
}
