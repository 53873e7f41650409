import type { Envelope, Position } from '../envelope.js'

/** An element that can say its place in the order of elements in numbers, without objects made for it. */
export interface PlacedElement extends Envelope<unknown> {
  readonly partition: string
  /** Its position, if that is one number; NaN if not. */
  readonly offset: number
  /** Its path, if that is one index; −1 if it is empty, NaN if it is longer. */
  readonly step: number
}

/** As {@link PlacedElement.offset}. */
export const offsetOf = (position: Position): number => (position.length === 1 && typeof position[0] === 'number' ? position[0] : Number.NaN)

/** As {@link PlacedElement.step}. */
export const stepOf = ([first, ...rest]: readonly number[]): number => {
  if (first === undefined) return -1
  return rest.length === 0 && first >= 0 ? first : Number.NaN
}

/**
 * Accumulators as rows of numbers in one block of memory: a fifth of what they take as objects, nothing for the collector to
 * look at, and nothing to allocate when a number changes.
 */
export class Slab {
  numbers = new Float64Array(0)
  /** By slot: what does not fit into numbers. */
  readonly odd = new Map<number, unknown>()
  readonly #partitions: string[] = []
  readonly #numberOf = new Map<string, number>()
  #lastName: string | undefined
  #lastNumber = -1

  /** Room for so many numbers; what is there stays, as far as there is room. */
  resize(length: number): void {
    const numbers = new Float64Array(length)
    numbers.set(this.numbers.subarray(0, length))
    this.numbers = numbers
  }

  /** Neighbours are of one partition, mostly. */
  numberOf(partition: string): number {
    if (partition === this.#lastName) return this.#lastNumber
    let number = this.#numberOf.get(partition)
    if (number === undefined) {
      number = this.#partitions.push(partition) - 1
      this.#numberOf.set(partition, number)
    }
    this.#lastName = partition
    return (this.#lastNumber = number)
  }

  partitionOf(number: number): string {
    return this.#partitions[number] as string // as: numberOf gave the number
  }
}

/**
 * How the accumulator of a built-in combine lies in a slab, from slot `at` on. Same results as the combine's own
 * `create` and `add`, to the bit.
 */
export interface ColumnForm<Acc, X> {
  readonly slots: number
  /** Makes it empty, whatever was there. */
  readonly create: (slab: Slab, at: number) => void
  readonly apply: (slab: Slab, at: number, taken: X, element: PlacedElement) => void
  /** The accumulator as an object: valid until the next change of this one. */
  readonly read: (slab: Slab, at: number) => Acc
  readonly write: (slab: Slab, at: number, acc: Acc) => void
}

/** The form of an accumulator that is one number. */
export const oneNumber = <X>(empty: number, next: (acc: number, taken: X) => number): ColumnForm<number, X> => ({
  slots: 1,
  create: ({ numbers }, at) => void (numbers[at] = empty),
  apply: ({ numbers }, at, taken) => void (numbers[at] = next(numbers[at] as number, taken)), // as: a slot of the slab
  read: ({ numbers }, at) => numbers[at] as number, // as: likewise
  write: ({ numbers }, at, acc) => void (numbers[at] = acc),
})
