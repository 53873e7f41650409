import { join, resolve } from 'node:path'
import { ConnectorError } from '../failure.js'
import type { CheckpointStore } from '../store.js'
import type { Clock } from '../time/clock.js'
import { systemClock } from '../time/system.js'
import { CheckpointFolder } from './files/checkpoint-folder.js'
import { makeFolderDurably } from './files/durable-file.js'
import { classified } from './files/file-errors.js'
import { folderName } from './files/folder-name.js'
import { takeLock, type OwnerLock } from './files/owner-lock.js'

/** Where checkpoints go. @public */
export interface FileCheckpointsOptions {
  /** Made if it is not there. Holds one folder for each pipeline. Must be on a disk of this machine. */
  readonly directory: string
  /** Only stamps the lock; default: the machine's clock. */
  readonly clock?: Clock
}

interface OpenPipeline {
  readonly folder: CheckpointFolder
  readonly lock: OwnerLock
}

const open = async (
  pipeline: string,
  { directory, clock = systemClock }: FileCheckpointsOptions,
): Promise<OpenPipeline> => {
  const path = join(resolve(directory), folderName(pipeline))
  await makeFolderDurably(path)
  const lock = await takeLock(
    `The checkpoint of pipeline ${JSON.stringify(pipeline)} in ${path}`,
    join(path, 'lock'),
    clock.now(),
  )
  return { folder: new CheckpointFolder(pipeline, path, () => lock.verify()), lock }
}

const close = async ({ folder, lock }: OpenPipeline): Promise<void> => {
  try {
    await folder.close()
  } finally {
    await lock.release()
  }
}

/** One call after the other: what is asked while another call runs waits for it. */
const inTurn = (): (<A>(run: () => Promise<A>) => Promise<A>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const next = last.then(run, run)
    last = next.catch(() => undefined)
    return next
  }
}

/**
 * Checkpoints in files: for pipelines none of whose sinks has a store that hosts them. Constructing opens nothing;
 * the first read or write of a pipeline makes its folder and takes its lock, `close` gives the locks back.
 *
 * When `write` resolves the checkpoint is on disk (fsync of files and folders); after `kill -9` or a power cut `read`
 * gives the last one that was written whole. One process at a time owns a pipeline's folder.
 * @throws ConnectorError `DataLoss` that names the file, if what was written is not there any more: it never begins
 * from nothing by itself; `ResourceExhausted`, `PermissionDenied` and so on as the file system has it
 * @throws RefusedError that names the PID of a live owner
 * @public
 */
export const fileCheckpoints = (options: FileCheckpointsOptions): CheckpointStore => {
  const pipelines = new Map<string, OpenPipeline>()
  const turn = inTurn()
  let closed = false

  const withPipeline = <A>(name: string, doing: string, run: (open: OpenPipeline) => Promise<A>): Promise<A> =>
    turn(async () => {
      try {
        if (closed)
          throw new ConnectorError({
            _tag: 'Closed',
            code: 'FailedPrecondition',
            message: 'The checkpoint store is closed.',
          })
        const found = pipelines.get(name) ?? (await open(name, options))
        pipelines.set(name, found)
        return await run(found)
      } catch (error) {
        throw classified(error, `${doing} the checkpoint of pipeline ${JSON.stringify(name)} in ${options.directory}`)
      }
    })

  const closeAll = async (): Promise<void> => {
    closed = true
    const all = [...pipelines.values()]
    pipelines.clear()
    await Promise.all(all.map(close))
  }

  return {
    read: (name) => withPipeline(name, 'Reading', ({ folder }) => folder.read()),
    write: (name, checkpoint) => withPipeline(name, 'Writing', ({ folder }) => folder.write(checkpoint)),
    close: () => turn(closeAll),
  }
}
