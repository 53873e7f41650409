import { appendFileSync, readFileSync } from 'node:fs'
import { hookJournal } from '../delivery/journaled.js'
import type { Instrument } from '../local/instrument.js'
import { intercept, type PortCall } from './intercept.js'

/** Where the driver tells a child to write its points. @public */
export const crashListVariable = 'MILLRACE_CRASH_LIST'

/** Where the driver tells a child at which point to die. @public */
export const crashAtVariable = 'MILLRACE_CRASH_AT'

/** Gets the name of a point and how often it was reached, from 1. @public */
export type OnCrashPoint = (name: string, occurrence: number) => void

/** `store.commitEpoch:before`, `sink bars.write:after`, … */
const pointName = ({ port, name, method }: PortCall, when: 'before' | 'after'): string =>
  `${name === '' ? port : `${port} ${name}`}.${method}:${when}`

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0

/**
 * An instrument with a crash point before and after every call through a port that succeeds, named by port, method and side, and
 * numbered by occurrence: `store.commitEpoch:before` 3. The clock: `sleep` like all others; `now` is called too
 * often, so only the calls 1, 2, 4, 8, … are points, and only before. What a journaled source does to the disk has points too:
 * `journal trades.append:middle` is when half of the bytes are in the file; likewise `create`, `sync` and `delete`.
 * @public
 */
export const crashProbe = (onPoint: OnCrashPoint): Instrument => {
  const occurrences = new Map<string, number>()
  const count = (name: string): number => {
    const occurrence = (occurrences.get(name) ?? 0) + 1
    occurrences.set(name, occurrence)
    return occurrence
  }
  const point = (call: PortCall, when: 'before' | 'after'): void => {
    const isNow = call.port === 'clock' && call.method === 'now'
    if (isNow && when === 'after') return
    const name = pointName(call, when)
    const occurrence = count(name)
    if (!isNow || isPowerOfTwo(occurrence)) onPoint(name, occurrence)
  }
  const instrument = intercept({ before: (call) => point(call, 'before'), after: (call) => point(call, 'after') })
  const hooked = <S extends { readonly name: string }>(source: S): S =>
    hookJournal(source, (operation, moment) => {
      const name = `journal ${source.name}.${operation}:${moment}`
      onPoint(name, count(name))
    })
  return { ...instrument, source: (source) => instrument.source(hooked(source)) }
}

/** A point as one word: `store.commitEpoch:before#3`. */
const pointId = (name: string, occurrence: number): string => `${name}#${occurrence}`

/** Ends this process as `kill -9` does. Nothing runs after it. */
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  // The signal may take a moment: nothing of this process may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  throw new Error('this process outlived SIGKILL')
}

/**
 * Kills this process with SIGKILL at one point.
 * @param point `name#occurrence`, or `k`: the k-th point of all, from 1
 * @public
 */
export const crashAt = (point: string | number): OnCrashPoint => {
  const ordinal = Number(point)
  let reached = 0
  return (name, occurrence) => {
    reached++
    if (reached === ordinal || pointId(name, occurrence) === point) die()
  }
}

/** Writes every point to a file, a line each, at the moment it is reached. @public */
export const recordCrashPoints =
  (path: string): OnCrashPoint =>
  (name, occurrence) =>
    appendFileSync(path, `${pointId(name, occurrence)}\n`)

/** What `recordCrashPoints` wrote: `name#occurrence`, in the order in which they were reached. @public */
export const listCrashPoints = (path: string): readonly string[] => readFileSync(path, 'utf8').split('\n').filter(Boolean)

/**
 * For a program that `runCrashPoints` runs: the instrument that the environment asks for, to be given to the run, or
 * `undefined` if it asks for none (so a program may always call this).
 * @public
 */
export const crashInstrumentFromEnv = (env: NodeJS.ProcessEnv = process.env): Instrument | undefined => {
  const list = env[crashListVariable]
  const at = env[crashAtVariable]
  const watchers = [...(list ? [recordCrashPoints(list)] : []), ...(at ? [crashAt(at)] : [])]
  if (watchers.length === 0) return undefined
  return crashProbe((name, occurrence) => watchers.forEach((watch) => watch(name, occurrence)))
}

/**
 * Some of many points: the first and the last of every name, and others evenly between, `most` in all (or more, if there
 * are more names than that).
 * @public
 */
export const sampleCrashPoints = (points: readonly string[], most: number): readonly string[] => {
  const nameOf = (point: string): string => point.slice(0, point.lastIndexOf('#'))
  const names = points.map(nameOf)
  const edges = new Set(names.flatMap((name, index) => {
    const isEdge = names.indexOf(name) === index || names.lastIndexOf(name) === index
    return isEdge ? [index] : []
  }))
  const others = points.flatMap((_, index) => (edges.has(index) ? [] : [index]))
  const room = Math.max(0, Math.min(most - edges.size, others.length))
  const kept = Array.from({ length: room }, (_, index) => others[Math.floor((index * others.length) / room)])
  const chosen = new Set([...edges, ...kept])
  return points.filter((_, index) => chosen.has(index))
}
