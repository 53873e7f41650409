import { ConnectorError, type Data, type Source, type SourceBatch, type SourceContext, systemClock, systemRandom } from '@millrace/core'
import { flatRecords, testCredit } from '@millrace/core/testing'
import { type ObjectFormat, ObjectOffset, objects } from '@millrace/connector-gcs'
import { isLeft } from 'fp-ts/lib/Either.js'
import { type Cuts, memoryStore } from './memory-store.js'

export type Batch = SourceBatch<Uint8Array, ObjectOffset>
export type ObjectSource = Source<Uint8Array, ObjectOffset, 'local'>

/** One record in a form that compares well: text, position, tag of the failure, true length where it was cut. */
export type Line = readonly [position: number, text: string, failure?: string, trueBytes?: number]

export const RECEIVED_AT = 1_700_000_000_000

export interface TestContext extends SourceContext {
  readonly controller: AbortController
  readonly warnings: string[]
  readonly credit: ReturnType<typeof testCredit>
}

export const testContext = (batches = Infinity): TestContext => {
  const controller = new AbortController()
  const warnings: string[] = []
  return {
    controller,
    warnings,
    signal: controller.signal,
    credit: testCredit(batches, controller.signal),
    clock: systemClock,
    random: systemRandom,
    runStartedAtMillis: RECEIVED_AT,
    logger: { info: () => undefined, warn: (message) => void warnings.push(message) },
    listening: () => undefined,
    ending: new AbortController().signal,
  }
}

/** All batches of a partition; rejects with what the read errors with. */
export const readBatches = (source: ObjectSource, partition: string, after?: ObjectOffset, context = testContext()): Promise<readonly Batch[]> =>
  new Promise((resolve, reject) => {
    const batches: Batch[] = []
    source.read(partition, after, context).subscribe({
      next: (batch) => void batches.push(batch),
      complete: () => resolve(batches),
      error: reject,
    })
  })

export const linesOf = (batches: readonly Batch[]): readonly Line[] => batches.flatMap((batch) => flatRecords(batch)).map((record) => {
  const position = Number(record.position[0])
  const text = Buffer.from(record.value).toString('latin1')
  if (record.failure === undefined) return [position, text]
  return record.bytes === text.length ? [position, text, record.failure._tag] : [position, text, record.failure._tag, record.bytes]
})

export interface ReadOptions {
  readonly cuts?: Cuts
  readonly name?: string
  readonly format?: ObjectFormat
  readonly maxRecordBytes?: number
}

/** Reads one object from memory. */
export const readText = async (content: string | Buffer, options: ReadOptions = {}): Promise<readonly Batch[]> => {
  const { cuts = Infinity, name = 'x.json', ...rest } = options
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  return readBatches(objects(memoryStore(bytes, cuts, name), rest), name)
}

/** What a checkpoint does with an offset. */
export const throughCheckpoint = (offset: ObjectOffset): ObjectOffset => {
  // JSON of what the codec made of it is Data.
  const decoded = ObjectOffset.decode(JSON.parse(JSON.stringify(ObjectOffset.encode(offset))) as Data)
  if (isLeft(decoded)) throw new Error(`${JSON.stringify(offset)} does not decode`)
  return decoded.right
}

/** What `run` rejects with, which has to be a ConnectorError. */
export const connectorError = async (run: Promise<unknown>): Promise<ConnectorError> => {
  const error = await run.then(() => new Error('it was to fail, and did not'), (reason: unknown) => reason)
  if (error instanceof ConnectorError) return error
  throw error instanceof Error ? error : new Error(String(error))
}
