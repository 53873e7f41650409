import * as t from 'io-ts'
import { Observable } from 'rxjs'
import type { Data, Source, SourceBatch, SourceContext } from '@millrace/core'
import { memoryRecords } from '@millrace/core/testing'
import type { Tick } from './support.js'

// as: offsets are numbers, and numbers are Data
const offset = t.number as unknown as t.Type<number, Data>

/** What a test may do to a source of its own. */
export interface OwnSource {
  readonly partitions?: readonly string[]
  readonly bounded?: boolean
  readonly read: (partition: string, after: number | undefined, context: SourceContext) => Observable<SourceBatch<Tick, number>>
}

/** A source of nothing but a `read`. */
export const ownSource = ({ partitions = ['p'], bounded = true, read }: OwnSource): Source<Tick, number, 'local'> => ({
  name: 'own',
  reach: 'local',
  capabilities: { bounded, replayable: true, acknowledges: false },
  offset,
  partitions: async () => partitions.map((name) => ({ name })),
  read,
})

/** A batch of so many ticks; its offset is its number. */
export const batchOf = (number: number, records: number): SourceBatch<Tick, number> => ({
  records: memoryRecords(Array.from({ length: records }, (_, index) => ({ t: number, k: 'a', n: index })), { position: number * records }),
  offset: number,
})
