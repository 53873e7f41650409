import type { Host, Store } from '@millrace/core'
import { ensureHiddenTables } from './checkpoint-tables.js'
import { connect } from './catalog.js'
import { acquire, type DatabaseOptions, type Lease } from './database.js'
import { classify } from './errors.js'
import { identifyFile } from './file-identity.js'
import { DuckDbHost } from './host.js'
import { inTransaction } from './transaction.js'

const prepare = async ({ database }: Lease): Promise<void> => {
  await database.turn.run(() =>
    inTransaction(database, database.connection, async () => {
      await ensureHiddenTables(database.connection, database.path)
      return { keep: true, value: undefined }
    }),
  )
}

/**
 * The store of all sinks of one file. `id` is read anew each time: `device:inode`, and before the file exists the real path
 * that it will have.
 */
export const duckDbStore = (path: string, options: DatabaseOptions): Store => ({
  get id(): string {
    return identifyFile(path).id
  },
  async open({ clock, signal }): Promise<Host> {
    const lease = await acquire(path, options)
    try {
      await prepare(lease)
      return new DuckDbHost(lease, await connect(lease.database), clock, signal)
    } catch (error) {
      await lease.release()
      throw classify(error, lease.database.path)
    }
  },
})
