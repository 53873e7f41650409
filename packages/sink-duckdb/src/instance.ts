import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { ConnectorError } from '@millrace/core'
import { attach } from './catalog.js'

/** For every instance: only what DuckDB has built in. */
export const NO_EXTENSIONS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }

/**
 * One thread: two cost 20 % more CPU and 6 % more memory for the same rows, and save nothing at the sizes of an epoch.
 * Insertion order is not needed (every table has a key, every log a number) and costs memory.
 * A question must not make this process load code, let alone fetch it, for a function that it names.
 */
const SETTINGS = { threads: '1', preserve_insertion_order: 'false', ...NO_EXTENSIONS }

/** An instance for the file at `path`, which is not attached yet. */
export const createInstance = (path: string): Promise<DuckDBInstance> =>
  DuckDBInstance.create(':memory:', { ...SETTINGS, temp_directory: `${path}.tmp` })

interface Open {
  readonly connection: DuckDBConnection
  readonly broken?: ConnectorError
}

/**
 * So that closing has little left to do: it does it without letting anything else run.
 * @returns whether the file is whole without its log
 */
export const finish = async ({ connection, broken }: Open): Promise<boolean> => {
  try {
    // Not with more memory: DuckDB would take it, 70 MB for a file of 30.
    if (broken === undefined) await connection.run('CHECKPOINT')
    else await connection.run('PRAGMA disable_checkpoint_on_shutdown')
    return true
  } catch {
    // Everything committed is in the log, and is read from there at the next start.
    return false
  }
}

/** What did not fit into the limit is done again with all the memory there is; DuckDB had given up on the instance. */
export const finishAnew = async (path: string): Promise<void> => {
  const instance = await createInstance(path)
  try {
    await attach(instance, path)
  } finally {
    // Writes it out.
    instance.closeSync()
  }
}
