import { columnsOf, type Columns } from '../combine/columns.js'
import { Slab, type PlacedElement } from '../combine/slab.js'
import type { AnyCombine } from '../pipeline/stage.js'

/** The accumulators of one combine, by row. Rows are used again, and are whole numbers from 0 on without large gaps. */
export interface Accumulators {
  /** Rows below `capacity` will be used, and no others. @throws RangeError if there is no memory; then nothing has changed */
  resize(capacity: number): void
  /** Makes an empty one. */
  create(row: number): void
  /** @throws what the combine throws; the accumulator is then as it was */
  add(row: number, element: PlacedElement): void
  /** As the combine knows it, valid until the row changes. */
  read(row: number): unknown
  /** Takes one that was read from a checkpoint. */
  write(row: number, acc: unknown): void
  /** Lets go of what it holds. */
  free(row: number): void
}

/** Of any combine: an object each. */
class ObjectAccumulators implements Accumulators {
  readonly #accs: unknown[] = []

  constructor(readonly combine: AnyCombine) {}

  resize(capacity: number): void {
    // It grows by itself.
    if (this.#accs.length > capacity) this.#accs.length = capacity
  }

  create(row: number): void {
    this.#accs[row] = this.combine.create()
  }

  add(row: number, element: PlacedElement): void {
    this.#accs[row] = this.combine.add(this.#accs[row], element)
  }

  read(row: number): unknown {
    return this.#accs[row]
  }

  /** In the shape of `create`: V8 would be slower with accumulators as a checkpoint's decoder makes them. */
  write(row: number, acc: unknown): void {
    this.#accs[row] = this.combine.merge(this.combine.create(), acc)
  }

  free(row: number): void {
    this.#accs[row] = undefined
  }
}

/** Of built-in combines: numbers in one block. */
class ColumnAccumulators implements Accumulators {
  readonly #slab = new Slab()

  constructor(readonly columns: Columns) {}

  resize(capacity: number): void {
    this.#slab.resize(capacity * this.columns.slots)
  }

  create(row: number): void {
    this.columns.create(this.#slab, row * this.columns.slots)
  }

  add(row: number, element: PlacedElement): void {
    const { columns } = this
    columns.add(this.#slab, row * columns.slots, element)
  }

  read(row: number): unknown {
    return this.columns.read(this.#slab, row * this.columns.slots)
  }

  write(row: number, acc: unknown): void {
    this.columns.write(this.#slab, row * this.columns.slots, acc)
  }

  free(row: number): void {
    const { odd } = this.#slab
    if (odd.size === 0) return
    const { slots } = this.columns
    for (let at = row * slots; at < (row + 1) * slots; at++) odd.delete(at)
  }
}

/** The best way to hold them: numbers, where the combine is made of built-ins alone. */
export const accumulatorsOf = (combine: AnyCombine): Accumulators => {
  const columns = columnsOf(combine)
  return columns === undefined ? new ObjectAccumulators(combine) : new ColumnAccumulators(columns)
}
