/** How the text of an object is cut into records. @public */
export type ObjectFormat =
  /** By the name (`.ndjson`, `.jsonl` are lines), otherwise by the content: an array, lines, or one document. */
  | 'auto'
  /** One record a line. */
  | 'lines'
  /** One record an element of one JSON array. */
  | 'array'
  /** The whole object is one record. */
  | 'document'

/** Options of every source that reads objects. @public */
export interface ObjectsOptions {
  /** Overrides what name and content say. Default `'auto'`. */
  readonly format?: ObjectFormat
  /**
   * A record longer than this is cut there and becomes a failure; what is behind it is read on. It bounds what one object
   * in reading holds in memory. 1 to 2^30 bytes, default 16 MiB.
   */
  readonly maxRecordBytes?: number
  /**
   * The source's name in the graph and in the `connector` column of dead letters. Default `'folder'` or `'objects'`.
   */
  readonly name?: string
}

/** Default of `maxRecordBytes`: 16 MiB. @public */
export const DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024

const LARGEST_MAX_RECORD_BYTES = 2 ** 30
const FORMATS: readonly string[] = ['auto', 'lines', 'array', 'document'] satisfies readonly ObjectFormat[]

/** Options with their defaults, checked. @internal */
export interface CheckedOptions {
  readonly format: ObjectFormat
  readonly maxRecordBytes: number
  readonly name: string
}

/** @throws TypeError naming the option that is wrong @internal */
export const checkOptions = (options: ObjectsOptions, defaultName: string): CheckedOptions => {
  const { format = 'auto', maxRecordBytes = DEFAULT_MAX_RECORD_BYTES, name = defaultName } = options
  if (!FORMATS.includes(format)) {
    throw new TypeError(`format is ${JSON.stringify(format)}: use one of ${FORMATS.map((known) => `'${known}'`).join(', ')}`)
  }
  if (!Number.isInteger(maxRecordBytes) || maxRecordBytes < 1 || maxRecordBytes > LARGEST_MAX_RECORD_BYTES) {
    throw new TypeError(`maxRecordBytes is ${String(maxRecordBytes)}: use an integer from 1 to ${LARGEST_MAX_RECORD_BYTES}`)
  }
  if (name === '') throw new TypeError('name is empty: it is what dead letters call the connector')
  return Object.freeze({ format, maxRecordBytes, name })
}
