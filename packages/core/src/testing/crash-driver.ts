import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeEnd, runChild, type ChildEnd } from './child-run.js'
import { crashAtVariable, crashListVariable, listCrashPoints } from './crash-points.js'

/** A program and how to tell that a crash did it no harm. @public */
export interface CrashRun {
  /** Path of a Node module. It gives `crashInstrumentFromEnv()` to its run, keeps all its state in the directory, and run again resumes. */
  readonly program: string
  /** By the directory that is this run's own; default: the directory is the only argument. */
  readonly args?: (directory: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Puts input into a fresh directory. */
  readonly prepare?: (directory: string) => Promise<void>
  /** Throws if what the crashed and resumed run left in `directory` is not what the undisturbed one left in `undisturbed`. */
  readonly compare: (directory: string, undisturbed: string) => Promise<void> | void
  /**
   * How often in a row a run is killed at its point, resumed runs too if they reach it (points of a resumed run count from 1 again:
   * so recovery is tried as well); default 1.
   */
  readonly kills?: number
  /** At which point of its own the resumed run is killed once more, if it gets there: `name#occurrence`, or the k-th of all; default never. */
  readonly again?: (point: string) => string | number
  /** Children at a time; default 1. */
  readonly parallel?: number
  /** Which points to try, of all; default all. See `sampleCrashPoints`. */
  readonly choose?: (points: readonly string[]) => readonly string[]
  /**
   * Points which the crashing run need not reach, because how often they are passed depends on timing; default those of the
   * clock. Any other point that is missed three times is a failure.
   */
  readonly mayMiss?: (point: string) => boolean
  /** Gets the list of points, and what became of them. */
  readonly print?: (line: string) => void
  /** For one child; default 60,000. */
  readonly deadlineMillis?: number
}

/** What was tried. @public */
export interface CrashReport {
  /** All points of the undisturbed run, `name#occurrence`, in order. */
  readonly points: readonly string[]
  /** Those at which the program was killed, resumed and compared. */
  readonly crashed: readonly string[]
  /** Those that were not reached, and may be missed. */
  readonly missed: readonly string[]
}

const defaultDeadlineMillis = 60_000
const triesPerPoint = 3

const isClockPoint = (point: string): boolean => point.startsWith('clock.')

const child = (run: CrashRun, directory: string, env: Readonly<Record<string, string>>): Promise<ChildEnd> =>
  runChild({
    program: run.program,
    args: run.args?.(directory) ?? [directory],
    env: { ...run.env, ...env },
    deadlineMillis: run.deadlineMillis ?? defaultDeadlineMillis,
  })

const freshDirectory = async (run: CrashRun, root: string, name: string): Promise<string> => {
  const directory = join(root, name)
  await mkdir(directory)
  await run.prepare?.(directory)
  return directory
}

const undisturbedRun = async (run: CrashRun, root: string): Promise<{ directory: string; points: readonly string[] }> => {
  const directory = await freshDirectory(run, root, 'undisturbed')
  const list = join(root, 'points.txt')
  const end = await child(run, directory, { [crashListVariable]: list })
  if (end.code !== 0) throw new Error(`crash points: the undisturbed run failed: ${describeEnd(end)}`)
  if (!existsSync(list)) throw new Error('crash points: the program passed none: does it give crashInstrumentFromEnv() to its run?')
  return { directory, points: listCrashPoints(list) }
}

/** Kills the run at the point, as often as it gets there and is asked for. Returns how often. */
const killAt = async (run: CrashRun, directory: string, point: string): Promise<number> => {
  for (let kills = 0; ; kills++) {
    if (kills === (run.kills ?? 1)) return kills
    const killed = await child(run, directory, { [crashAtVariable]: point })
    if (killed.code === 0) return kills
    if (killed.signal !== 'SIGKILL') throw new Error(`it did not die by SIGKILL: ${describeEnd(killed)}`)
  }
}

/** One point: killed there, resumed, compared. `false`: the point was not reached. */
const crashOnce = async (run: CrashRun, directory: string, undisturbed: string, point: string): Promise<boolean> => {
  if ((await killAt(run, directory, point)) === 0) return false
  if (run.again !== undefined) await killAt({ ...run, kills: 1 }, directory, String(run.again(point)))
  const resumed = await child(run, directory, {})
  if (resumed.code !== 0) throw new Error(`it did not resume: ${describeEnd(resumed)}`)
  await run.compare(directory, undisturbed)
  return true
}

const crashPoint = async (run: CrashRun, root: string, undisturbed: string, point: string, name: string): Promise<boolean> => {
  for (let attempt = 0; attempt < triesPerPoint; attempt++) {
    const directory = await freshDirectory(run, root, `${name}-${attempt}`)
    const reached = await crashOnce(run, directory, undisturbed, point)
    await rm(directory, { recursive: true })
    if (reached) return true
  }
  if ((run.mayMiss ?? isClockPoint)(point)) return false
  throw new Error(`it was not reached in ${triesPerPoint} runs, though the undisturbed run passed it`)
}

/** Calls `work` for each item, so many at a time. */
const eachOf = async <T>(items: readonly T[], parallel: number, work: (item: T, index: number) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      // The index is below the length.
      await work(items[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker))
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Puts a program through its crash points. It is run once undisturbed, which lists the points; then, for each, in a fresh
 * directory, run until SIGKILL ends it there, run again to resume, and compared with the undisturbed one.
 * Directories are made below the system's temporary folder and removed, but those of points that failed.
 * @throws Error that lists every point that failed, why, and where its directory is; also if there is no point at all
 * @public
 */
export const runCrashPoints = async (run: CrashRun): Promise<CrashReport> => {
  const print = run.print ?? (() => undefined)
  const root = await mkdtemp(join(tmpdir(), 'crash-points-'))
  const { directory: undisturbed, points } = await undisturbedRun(run, root).catch(async (error: unknown) => {
    await rm(root, { recursive: true })
    throw error
  })
  points.forEach((point, index) => print(`${index + 1} ${point}`))
  const chosen = run.choose?.(points) ?? points
  const crashed = new Set<string>()
  const missed = new Set<string>()
  const failed: string[] = []
  await eachOf(chosen, run.parallel ?? 1, async (point, index) => {
    try {
      const reached = await crashPoint(run, root, undisturbed, point, `point-${index + 1}`)
      const became = reached ? crashed : missed
      became.add(point)
    } catch (error) {
      failed.push(`${point}: ${messageOf(error)}`)
      print(`failed: ${failed.at(-1)}`)
    }
  })
  print(`${points.length} crash points: ${crashed.size} crashed and resumed, ${missed.size} missed, ${failed.length} failed`)
  if (failed.length > 0) throw new Error(`${failed.length} crash points failed (see ${root}):\n${failed.join('\n')}`)
  await rm(root, { recursive: true })
  const inOrder = (some: ReadonlySet<string>): readonly string[] => chosen.filter((point) => some.has(point))
  return { points, crashed: inOrder(crashed), missed: inOrder(missed) }
}
