import { stepOf, type PlacedElement } from '../combine/slab.js'
import type { Envelope, Origin } from '../envelope.js'
import type { Records } from './records.js'

/**
 * A batch inside the runtime: columns over shared records. Never written to after it was sent on (branches share it).
 * `rows[i]` is the record of element i (absent: i itself); `paths[d][i]` its index in the flatMap of depth d; `values` are
 * absent while they are packed bytes that nobody has looked at.
 *
 * Whoever makes one writes all properties out, in this order and without a spread: so all have one shape, and what reads them
 * stays fast.
 */
export interface Elements {
  readonly length: number
  readonly records: Records
  readonly values: readonly unknown[] | undefined
  readonly rows: readonly number[] | undefined
  readonly paths: readonly (readonly number[])[]
  readonly times: Float64Array | undefined
  /** By record row. */
  readonly born: Float64Array | undefined
  readonly keys: readonly string[] | undefined
}

/** The record that the element at `index` comes from. */
export const rowOf = (elements: Elements, index: number): number =>
  elements.rows === undefined ? index : (elements.rows[index] as number) // as: index < length

/** The values, read from the records if nobody has yet. */
export const valuesOf = (elements: Elements): readonly unknown[] => {
  if (elements.values !== undefined) return elements.values
  const values = new Array<unknown>(elements.length)
  for (let i = 0; i < elements.length; i++) values[i] = elements.records.value(rowOf(elements, i))
  return values
}

const pick = <T>(column: readonly T[], kept: readonly number[]): T[] => {
  const picked = new Array<T>(kept.length)
  for (let i = 0; i < kept.length; i++) picked[i] = column[kept[i] as number] as T // as: kept are indexes of the column
  return picked
}

const pickTimes = (times: Float64Array, kept: readonly number[]): Float64Array => {
  const picked = new Float64Array(kept.length)
  for (let i = 0; i < kept.length; i++) picked[i] = times[kept[i] as number] as number // as: kept are indexes of the column
  return picked
}

/** The elements at the kept indexes (ascending), with new values where given (one per kept index). */
export const select = (elements: Elements, kept: readonly number[], values?: readonly unknown[]): Elements => ({
  length: kept.length,
  records: elements.records,
  values: values ?? (elements.values === undefined ? undefined : pick(elements.values, kept)),
  rows: elements.rows === undefined ? kept : pick(elements.rows, kept),
  paths: elements.paths.map((column) => pick(column, kept)),
  times: elements.times === undefined ? undefined : pickTimes(elements.times, kept),
  born: elements.born,
  keys: elements.keys === undefined ? undefined : pick(elements.keys, kept),
})

const pickRest = <T>(column: readonly T[], dropped: readonly number[]): T[] => {
  const rest = new Array<T>(column.length - dropped.length)
  let from = 0
  let to = 0
  for (let k = 0; k <= dropped.length; k++) {
    const end = k < dropped.length ? (dropped[k] as number) : column.length // as: k < length
    while (from < end) rest[to++] = column[from++] as T // as: end is within the column
    from++
  }
  return rest
}

/** The elements but for those at the dropped indexes (ascending): for stages that drop few. */
export const without = (elements: Elements, dropped: readonly number[]): Elements => {
  if (dropped.length === 0) return elements
  const { length, values, rows, paths, times, keys } = elements
  const kept = times === undefined ? undefined : pickRest(upTo(length), dropped)
  return {
    length: length - dropped.length,
    records: elements.records,
    values: values === undefined ? undefined : pickRest(values, dropped),
    rows: pickRest(rows ?? upTo(length), dropped),
    paths: paths.map((column) => pickRest(column, dropped)),
    times: times === undefined || kept === undefined ? undefined : pickTimes(times, kept),
    born: elements.born,
    keys: keys === undefined ? undefined : pickRest(keys, dropped),
  }
}

/** The same elements with other values, one for each. */
export const withValues = ({ length, records, rows, paths, times, born, keys }: Elements, values: readonly unknown[]): Elements =>
  ({ length, records, values, rows, paths, times, born, keys })

/** The same elements with their event times, and the watermarks that their records were born under. */
export const withTimes = ({ length, records, values, rows, paths, keys }: Elements, times: Float64Array, born: Float64Array): Elements =>
  ({ length, records, values, rows, paths, times, born, keys })

/** The same elements with their keys. */
export const withKeys = ({ length, records, values, rows, paths, times, born }: Elements, keys: readonly string[]): Elements =>
  ({ length, records, values, rows, paths, times, born, keys })

/** 0 … end−1, for a loop that finds its first element to leave out. */
export const upTo = (end: number): number[] => {
  const indexes = new Array<number>(end)
  for (let i = 0; i < end; i++) indexes[i] = i
  return indexes
}

/** Paths through one flatMap, which most elements have: shared, since every dead letter that waits keeps one. */
const shortPaths: (readonly number[])[] = []
const maxShortPaths = 1_024

const shortPath = (index: number): readonly number[] => {
  if (index >= maxShortPaths) return [index]
  const known = shortPaths[index]
  if (known !== undefined) return known
  for (let i = shortPaths.length; i <= index; i++) shortPaths.push([i])
  return shortPaths[index] as readonly number[] // as: just filled up to index
}

/**
 * An Envelope over the element at `index` of `elements`: one object for a whole batch, moved along. What every combine asks
 * for lies ready in fields; the rest is made when it is asked for.
 */
export class ElementView implements PlacedElement {
  index = 0
  value: unknown = undefined
  eventTimeMillis = Number.NaN
  #elements: Elements
  #originRow = -1
  #origin: Origin | undefined

  constructor(elements: Elements) {
    this.#elements = elements
  }

  get elements(): Elements {
    return this.#elements
  }

  /** Looks at another batch; then `moveTo`. */
  set elements(elements: Elements) {
    this.#elements = elements
    this.#originRow = -1
    this.#origin = undefined
    this.value = undefined
  }

  moveTo(index: number): this {
    const { values, times, records } = this.#elements
    this.index = index
    this.value = values === undefined ? records.value(this.row) : values[index]
    // Not `times?.[index] ?? NaN`: what may be undefined is boxed, one object an element.
    if (times === undefined) this.eventTimeMillis = Number.NaN
    else this.eventTimeMillis = times[index] as number // as: index < length
    return this
  }

  get row(): number {
    return rowOf(this.#elements, this.index)
  }

  /** Elements of one record share it. */
  get origin(): Origin {
    const { row } = this
    if (row !== this.#originRow || this.#origin === undefined) {
      this.#origin = this.#elements.records.origin(row)
      this.#originRow = row
    }
    return this.#origin
  }

  get partition(): string {
    return this.#elements.records.partitionOf(this.row)
  }

  get offset(): number {
    return this.#elements.records.offsetOf(this.row)
  }

  get step(): number {
    const { paths, records } = this.#elements
    if (paths.length > 1 || records.path(this.row).length > 0) return stepOf(this.path)
    return paths.length === 0 ? -1 : (paths[0]?.[this.index] as number) // as: index < length
  }

  get path(): readonly number[] {
    const base = this.#elements.records.path(this.row)
    const { paths } = this.#elements
    if (paths.length === 0) return base
    if (paths.length === 1 && base.length === 0) return shortPath(paths[0]?.[this.index] as number) // as: index < length
    return [...base, ...paths.map((column) => column[this.index] as number)] // as: index < length
  }

  get bornUnderMillis(): number {
    return this.#elements.born?.[this.row] ?? Number.NEGATIVE_INFINITY
  }

  get receivedAtMillis(): number {
    return this.#elements.records.receivedAt(this.row)
  }

  get attributes(): Readonly<Record<string, string>> | undefined {
    return this.#elements.records.attributes(this.row)
  }
}

/** A copy of an element's Envelope that may be kept. */
export const envelopeAt = (elements: Elements, index: number): Envelope<unknown> => {
  const view = new ElementView(elements).moveTo(index)
  const { value, origin, path, eventTimeMillis, bornUnderMillis, receivedAtMillis, attributes } = view
  return { value, origin, path, eventTimeMillis, bornUnderMillis, receivedAtMillis, attributes }
}
