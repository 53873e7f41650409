import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { Exclusive } from './exclusive.js'

const UNITS: Readonly<Record<string, number>> = { B: 1, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 }

/** Bytes of a size as DuckDB prints it: `122.0 MiB`. */
const bytesOf = (size: string): number => {
  const [number = '', unit = ''] = size.trim().split(/\s+/)
  return Number(number.replace(/[a-z]+$/i, '')) * (UNITS[unit.toUpperCase()] ?? 1)
}

const currentLimit = async (connection: DuckDBConnection): Promise<string> =>
  String((await connection.runAndReadAll("SELECT current_setting('memory_limit')")).getRowsJS()[0]?.[0])

const setLimit = (connection: DuckDBConnection, limit: string): Promise<unknown> =>
  connection.run(`SET GLOBAL memory_limit = '${limit.replaceAll("'", '')}'`)

/**
 * DuckDB's memory: kept low, and lifted for what cannot be done in pieces. To commit, to roll back or to checkpoint, DuckDB
 * holds the large texts of 2,048 neighbouring rows at once; if they do not fit it gives up on the whole database. Measured: a
 * dozen dead letters of 16 MB do not fit into 128 MB. Lifting takes 0.1 ms, and costs memory only where it is needed.
 */
export class MemoryLimit {
  /** Its own: on a connection whose transaction has failed nothing can be set. */
  readonly #connection: DuckDBConnection
  /** A limit that is lowered must not overtake one that is lifted. */
  readonly #turn = new Exclusive()
  readonly #normal: string
  readonly #ceiling: string
  #lifted = 0
  #isLifted = false

  private constructor(connection: DuckDBConnection, normal: string, ceiling: string) {
    this.#connection = connection
    this.#normal = normal
    this.#ceiling = ceiling
  }

  /** The ceiling is DuckDB's own limit, most of the memory of the machine or container: call it before another one is set. */
  static async lower(instance: DuckDBInstance, normal: string): Promise<MemoryLimit> {
    const connection = await instance.connect()
    const own = await currentLimit(connection)
    await setLimit(connection, normal)
    const wanted = await currentLimit(connection)
    return new MemoryLimit(connection, wanted, bytesOf(own) > bytesOf(wanted) ? own : wanted)
  }

  async lifted<A>(work: () => Promise<A>): Promise<A> {
    this.#lifted += 1
    try {
      await this.#adjust()
      return await work()
    } finally {
      this.#lifted -= 1
      await this.#adjust()
    }
  }

  close(): void {
    this.#connection.disconnectSync()
  }

  #adjust(): Promise<void> {
    return this.#turn.run(() => this.#set(this.#lifted > 0))
  }

  async #set(lifted: boolean): Promise<void> {
    if (lifted === this.#isLifted) return
    try {
      await setLimit(this.#connection, lifted ? this.#ceiling : this.#normal)
      this.#isLifted = lifted
    } catch {
      // What is in use does not fit yet, or the database gave up (its next user hears of that): tried again next time.
    }
  }
}
