import type { PlacedElement } from '../combine/slab.js'
import type { SavedCell, SavedCells } from '../delivery/cell-columns.js'
import type { AnyCombine } from '../pipeline/stage.js'
import { accumulatorsOf, type Accumulators } from './accumulators.js'

const leastCapacity = 64
/** As many rows keep their memory when none is open: windows come and go. */
const keptCapacity = 4_096

/** The open cells of an aggregate, a row each: the start of its window, its key, its accumulator, and whether that has changed. */
export class CellTable {
  readonly #accumulators: Accumulators
  readonly #keys: string[] = []
  readonly #free: number[] = []
  #starts = new Float64Array(0)
  /** 1 if a row was changed in this epoch. */
  #isChanged = new Uint8Array(0)
  /** The rows that were; some may be gone since, or be used again and listed twice. */
  #changed: number[] = []
  #capacity = 0

  constructor(combine: AnyCombine) {
    this.#accumulators = accumulatorsOf(combine)
  }

  startOf(row: number): number {
    return this.#starts[row] as number // as: an open row, here and below
  }

  keyOf(row: number): string {
    return this.#keys[row] as string
  }

  /**
   * Makes room for so many more rows.
   * @throws RangeError if there is no memory for it; the rows there are stay as they are
   */
  reserve(rows: number): void {
    let capacity = Math.max(this.#capacity, leastCapacity)
    while (capacity < this.#open + rows) capacity *= 2
    if (capacity > this.#capacity) this.#resize(capacity)
  }

  /** A new row with an empty accumulator, for which there is room. @throws what the combine throws; there is no row then */
  open(start: number, key: string): number {
    const row = this.#free.at(-1) ?? this.#keys.length
    this.#accumulators.create(row)
    this.#free.pop()
    this.#keys[row] = key
    this.#starts[row] = start
    return row
  }

  get #open(): number {
    return this.#keys.length - this.#free.length
  }

  /** @throws what the combine throws; the row is then as it was */
  add(row: number, element: PlacedElement): void {
    this.#accumulators.add(row, element)
    if (this.#isChanged[row] === 1) return
    this.#isChanged[row] = 1
    this.#changed.push(row)
  }

  read(row: number): unknown {
    return this.#accumulators.read(row)
  }

  restore(row: number, acc: unknown): void {
    this.#accumulators.write(row, acc)
  }

  close(row: number): void {
    this.#accumulators.free(row)
    this.#keys[row] = ''
    this.#isChanged[row] = 0
    this.#free.push(row)
    if (this.#open === 0 && this.#capacity > keptCapacity) this.#clear()
  }

  /** After a rush of keys the memory is given back. */
  #clear(): void {
    this.#keys.length = 0
    this.#free.length = 0
    this.#changed = []
    this.#resize(leastCapacity)
  }

  /** Ends the epoch: rows that were changed in it and are still open, each once. */
  takeChanged(): number[] {
    const rows: number[] = []
    for (const row of this.#changed) {
      if (this.#isChanged[row] === 0) continue
      this.#isChanged[row] = 0
      rows.push(row)
    }
    this.#changed = []
    return rows
  }

  /** These rows as a checkpoint saves them, made as they are asked for: all at once they would take much memory. */
  saved(rows: readonly number[]): SavedCells {
    const cellOf = (row: number): SavedCell => ({ start: this.startOf(row), key: this.keyOf(row), acc: this.read(row) })
    return { length: rows.length, slice: (from, to) => rows.slice(from, to).map(cellOf) }
  }

  /** All of the memory is there before any of it is used. */
  #resize(capacity: number): void {
    const starts = new Float64Array(capacity)
    const isChanged = new Uint8Array(capacity)
    this.#accumulators.resize(capacity)
    const kept = Math.min(this.#capacity, capacity)
    starts.set(this.#starts.subarray(0, kept))
    isChanged.set(this.#isChanged.subarray(0, kept))
    this.#starts = starts
    this.#isChanged = isChanged
    this.#capacity = capacity
  }
}
