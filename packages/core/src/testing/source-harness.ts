import type { Data } from '../data.js'
import type { Source, SourceCapabilities } from '../source.js'
import type { Traits } from '../traits.js'

/** A record that the suite wants to find in the input. @public */
export type SeedRecord =
  | { readonly _tag: 'Whole'; readonly bytes: Uint8Array; readonly attributes?: Readonly<Record<string, string>> }
  /** One that the source cannot give whole: corrupt, or over its limit; the harness knows how. */
  | { readonly _tag: 'Broken' }

/** The records of one partition, in order. @public */
export type SeedPartition = readonly SeedRecord[]

/** What a source can do beyond `SourceCapabilities`; cases are skipped by it. @public */
export interface SourceHarnessCapabilities extends SourceCapabilities {
  /** Partitions that the harness can seed at once; default 2. */
  readonly partitions?: number
  /** A record may hold bytes that are no valid UTF-8 (NUL and newline are not tried); default true. */
  readonly binary?: boolean
  /** There are records that it cannot give whole: the harness seeds `Broken`; default false. */
  readonly failures?: boolean
  /** Records carry attributes; default false. */
  readonly attributes?: boolean
}

/** An input, and sources on it. @public */
export interface SourceFixture<A, O extends Data> {
  /** A new source value on the same input, as a restarted process makes it. Opens nothing. */
  source(): Source<A, O, Traits['reach']>
  /** Removes the input, and closes what the harness itself opened for it. */
  close(): Promise<void>
}

/**
 * How the source suite gets at a source. The suite looks at records as bytes: they are JSON objects, each on one line, of
 * about a hundred bytes.
 * @public
 */
export interface SourceHarness<A, O extends Data> {
  readonly capabilities: SourceHarnessCapabilities
  /**
   * Makes a fresh input that holds these records, one seed a partition. Configure the source so that it gives few records a
   * batch (at most ten): the suite stops and resumes between batches, and fails if there is only one.
   */
  open(seed: readonly SeedPartition[]): Promise<SourceFixture<A, O>>
  /** A source whose input does not exist, and the name that its error must contain; without it the case is skipped. */
  missing?(): Promise<SourceFixture<A, O> & { readonly missingName: string }>
  /** The bytes of a value; default: the value itself, if it is a `Uint8Array`, else its JSON. */
  bytesOf?(value: A): Uint8Array
  /** Records per partition in most cases; default 60. */
  readonly records?: number
  /** How long to wait for a batch that must not come; default 50. Longer than the source's round trip. */
  readonly quietMillis?: number
  /** For one case; default 10,000. */
  readonly deadlineMillis?: number
}
