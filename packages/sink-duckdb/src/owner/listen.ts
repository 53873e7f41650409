import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, type Stats, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { codeOf, isAlive } from '../process-alive.js'

const statsOf = (place: string): Stats | undefined => lstatSync(place, { throwIfNoEntry: false })

const isAnswered = (place: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(place)
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')))
  })

/** A killed process leaves its socket; a live one's is let be, and so is what is no socket. */
const clear = async (place: string): Promise<void> => {
  const stats = statsOf(place)
  if (stats === undefined) return
  if (!stats.isSocket()) throw new Error(`${place} is there, and is no socket`)
  if (await isAnswered(place)) throw new Error(`${place} belongs to another process`)
  unlinkSync(place)
}

const removeLeftovers = (place: string): void => {
  const start = `${basename(place)}-`
  for (const name of readdirSync(dirname(place))) {
    const pid = name.startsWith(start) ? name.slice(start.length) : ''
    if (/^\d+$/.test(pid) && !isAlive(Number(pid))) rmSync(join(dirname(place), name), { recursive: true, force: true })
  }
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

/**
 * Makes a socket in a folder that only this user can enter, and gives it its name when it has its mode: at no time can
 * another user connect to it.
 */
const listenPrivately = async (server: Server, place: string): Promise<void> => {
  const draft = `${place}-${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  try {
    const made = join(draft, 's')
    await listening(server, made)
    chmodSync(made, 0o600)
    renameSync(made, place)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Removes the socket, if it is still the one that was made. */
const remover = (place: string): (() => void) => {
  const made = statsOf(place)
  return () => {
    try {
      if (made !== undefined && statsOf(place)?.ino === made.ino) unlinkSync(place)
    } catch {
      // The folder cannot be written any more: nobody answers there, and the next owner replaces it.
    }
  }
}

/**
 * Lets a server listen at a place; it does not keep the process alive. To be called by who has the file.
 * @returns removes what was made
 * @throws Error where that cannot be; the server is closed then
 */
export const listenAt = async (server: Server, place: string): Promise<() => void> => {
  try {
    server.unref()
    if (process.platform === 'win32') {
      await listening(server, place)
      return () => undefined
    }
    await clear(place)
    removeLeftovers(place)
    await listenPrivately(server, place)
    return remover(place)
  } catch (error) {
    server.close()
    throw error
  }
}
