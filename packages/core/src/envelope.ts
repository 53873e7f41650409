/**
 * Position of a record in its partition, compared part by part (numbers by value and before strings, strings by UTF-16
 * code unit).
 * @public
 */
export type Position = readonly (number | string)[]

/**
 * Where a record came from, the same on every re-read: ids, order and deduplication rest on it.
 * @public
 */
export interface Origin {
  readonly source: string
  readonly partition: string
  readonly position: Position
}

/**
 * What user code sees of one element when it asks for more than the value. Inside, a batch is columns; an Envelope is a
 * view made on demand and valid only during the call that hands it out: copy what you keep.
 * @public
 */
export interface Envelope<A> {
  readonly value: A
  readonly origin: Origin
  /** Index in each flatMap passed through: with the origin it names the element, and breaks ties of event time. */
  readonly path: readonly number[]
  /** Unix epoch, UTC. `NaN` before `eventTime`. */
  readonly eventTimeMillis: number
  /** The watermark of its own partition before its source record was read: lateness is decided by it alone. */
  readonly bornUnderMillis: number
  /** When the record was received, stable across replays (journal stamp, publish time, start of the run). */
  readonly receivedAtMillis: number
  readonly attributes: Readonly<Record<string, string>> | undefined
}

/**
 * What `through` hands to an RxJS operator: some envelopes that stay together.
 * @public
 */
export interface Batch<A> {
  readonly envelopes: readonly Envelope<A>[]
  readonly bytes: number
}

const compareParts = (a: number | string, b: number | string): number => {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

/** Lexicographic; a shorter one that is a prefix of the other comes first. Returns < 0, 0 or > 0. @public */
export const comparePositions = (a: Position, b: Position): number => {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    // Both indexes are below both lengths.
    const order = compareParts(a[i] as number | string, b[i] as number | string)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** What the order of elements is decided by. @public */
export interface Ordered {
  readonly eventTimeMillis: number
  readonly origin: Origin
  readonly path: readonly number[]
}

/**
 * The one order of elements, on every engine: event time, then origin (partition, then position), then path.
 * @returns < 0 if `a` comes first, > 0 if `b` does, 0 if they are the same element
 * @public
 */
export const compareElements = (a: Ordered, b: Ordered): number => {
  if (a.eventTimeMillis !== b.eventTimeMillis) return a.eventTimeMillis - b.eventTimeMillis
  const left = a.origin.partition
  const right = b.origin.partition
  if (left !== right) return left < right ? -1 : 1
  return comparePositions(a.origin.position, b.origin.position) || comparePositions(a.path, b.path)
}
