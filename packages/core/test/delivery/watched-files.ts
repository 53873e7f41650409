import { closeSync, cpSync, openSync, writeSync } from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { relative, resolve } from 'node:path'
import { temporaryFolder } from './checkpoint-files.js'

/** One call that changes the disk, before it happened. */
export interface FileEvent {
  readonly op: string
  readonly path: string
  /** States of the directory in which a crash during this call could leave it. */
  readonly states: readonly string[]
}

// Functions of node's own of many signatures, called through unchanged.
type Fn = (...args: any[]) => any
const module = promises as unknown as Record<string, Fn>

// Each byte of a log decides; of a header on its way under another name, and of a lock, some must do.
const tornStep = (path: string): number => (path.endsWith('.log') ? 1 : 25)

/**
 * Runs with the real file system and tells of each call that changes it, before it happens.
 * @param options.copies keep a copy of the directory as it was before each call; for writes also with shorter pieces
 * of what is written
 * @param options.fail may throw in place of the call
 */
export const watchFiles = async (
  directory: string,
  run: (events: readonly FileEvent[]) => Promise<void>,
  options: { readonly copies?: boolean; readonly fail?: (op: string, path: string) => void } = {},
): Promise<readonly FileEvent[]> => {
  const events: FileEvent[] = []
  const paths = new WeakMap<object, string>()
  const undo: (() => void)[] = []
  const copy = (): string => {
    const state = temporaryFolder()
    cpSync(directory, state, { recursive: true })
    return state
  }
  const tornAt = (path: string, data: Uint8Array, length: number, position: number): string => {
    const state = copy()
    const fd = openSync(resolve(state, relative(directory, path)), 'r+')
    writeSync(fd, data, 0, length, position)
    closeSync(fd)
    return state
  }
  const torn = (path: string, data: Uint8Array, position: number) => (): readonly string[] =>
    Array.from({ length: Math.ceil(data.length / tornStep(path)) }, (_, i) =>
      tornAt(path, data, i * tornStep(path), position),
    )
  const record = (op: string, path: string, states = (): readonly string[] => [copy()]): void => {
    events.push({ op, path, states: options.copies === true ? states() : [] })
    options.fail?.(op, path)
  }
  const patch = (holder: Record<string, Fn>, name: string, make: (original: Fn) => Fn): void => {
    const original = holder[name] as Fn // one of node's
    holder[name] = make(original)
    undo.push(() => void (holder[name] = original))
  }
  const sample = await promises.open(directory, 'r')
  // The class of file handles is not exported: this is its prototype, with the methods patched below.
  const handles = Object.getPrototypeOf(sample) as Record<string, Fn>
  await sample.close()

  for (const name of ['rename', 'unlink', 'link', 'mkdir']) {
    patch(module, name, (original) => (...args) => {
      record(name, String(args[name === 'rename' || name === 'link' ? 1 : 0]))
      return original(...args)
    })
  }
  patch(module, 'open', (original) => async (path: string, flags: string) => {
    if (flags.startsWith('w')) record('create', path)
    const handle: FileHandle = await original(path, flags)
    paths.set(handle, path)
    return handle
  })
  const onHandle = (name: string, see: (path: string, args: any[]) => void): void =>
    patch(
      handles,
      name,
      (original) =>
        function (this: object, ...args) {
          const path = paths.get(this)
          if (path !== undefined) see(path, args)
          return original.apply(this, args)
        },
    )
  onHandle('sync', (path) => record('sync', path))
  onHandle('writeFile', (path, [data]) => record('write', path, torn(path, data, 0)))
  onHandle('write', (path, [data, from, length, position]) =>
    record('write', path, torn(path, data.subarray(from, from + length), position)),
  )
  syncBuiltinESMExports()
  try {
    await run(events)
  } finally {
    for (const each of undo.reverse()) each()
    syncBuiltinESMExports()
  }
  return events
}
