import { type StoredCheckpoint, unpackData } from '@millrace/core'
import type { FileIdentity } from '../file-identity.js'
import type { QueryRow, QueryValue } from '../query-value.js'
import { namedRows } from '../read-rows.js'
import { findOwner, isOurVersion, type Owner, troubleOf } from './call-owner.js'
import { type Answer, errorOf, PROTOCOL, type Question } from './messages.js'
import { fromWire } from './wire-value.js'

/** Puts an answer together. */
export interface Collector<A> {
  take(answer: Answer): void
  readonly value: () => A
}

/** What came of asking. */
export type Reply<A> =
  | { readonly _tag: 'Answered'; readonly value: A }
  /** Nobody who could be asked; `trouble` says why one that may be there cannot. */
  | { readonly _tag: 'Nobody'; readonly trouble: string | undefined }
  /** It was there, and went away, or let the file go. */
  | { readonly _tag: 'Again' }

/** Rows of a query. */
export const rowCollector = (): Collector<readonly QueryRow[]> => {
  let names: readonly string[] = []
  const rows: QueryRow[] = []
  return {
    take(answer) {
      if ('names' in answer) names = answer.names
      if (!('rows' in answer)) return
      // They were unpacked, so they are `Data`.
      const some = answer.rows.map((row) => row.map((value): QueryValue => fromWire(value as Parameters<typeof fromWire>[0])))
      for (const row of namedRows({ names, rows: some })) rows.push(row)
    },
    value: () => rows,
  }
}

/** A checkpoint, or `undefined`. */
export const checkpointCollector = (): Collector<StoredCheckpoint | undefined> => {
  const blobs: Uint8Array[][] = []
  return {
    take(answer) {
      if ('blob' in answer && answer.piece instanceof Uint8Array) (blobs[answer.blob] ??= []).push(answer.piece)
    },
    value: () => {
      const [header, ...changes] = blobs.map((pieces) => Buffer.concat(pieces))
      return header === undefined ? undefined : { header: unpackData(header), changes }
    },
  }
}

const hear = async <A>({ line }: Owner, question: Question, collector: Collector<A>): Promise<Reply<A>> => {
  for await (const answer of line.ask(question)) {
    if ('done' in answer) return { _tag: 'Answered', value: collector.value() }
    if ('again' in answer) break
    if ('error' in answer) throw new Told(errorOf(answer.error))
    collector.take(answer)
  }
  return { _tag: 'Again' }
}

/** An error of the answer, as opposed to one of the line. */
class Told {
  constructor(readonly error: unknown) {}
}

const otherVersion = ({ hello, line }: Owner): string =>
  `it speaks version ${hello.protocol} of the protocol on ${line.place}, and this process version ${PROTOCOL}: use one version of @millrace/sink-duckdb`

/**
 * Asks whoever has the file.
 * @throws ConnectorError what the owner answers with
 */
export const askOwner = async <A>(file: FileIdentity, question: Question, collector: Collector<A>): Promise<Reply<A>> => {
  const { owner, ...found } = await findOwner(file)
  if (owner === undefined) return { _tag: 'Nobody', trouble: 'trouble' in found ? found.trouble : undefined }
  try {
    if (!isOurVersion(owner)) return { _tag: 'Nobody', trouble: otherVersion(owner) }
    return await hear(owner, question, collector)
  } catch (error) {
    if (error instanceof Told) throw error.error
    const trouble = troubleOf(owner.line.place, error)
    return trouble === undefined ? { _tag: 'Again' } : { _tag: 'Nobody', trouble }
  } finally {
    owner.line.close()
  }
}
