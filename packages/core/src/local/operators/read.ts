import type { PackedRecords, SourceBatch } from '../../source.js'
import { select, upTo, type Elements } from '../elements.js'
import { Operator, type OperatorHost } from '../operator.js'
import type { Records } from '../records.js'
import { ListedSourceRecords, PackedSourceRecords } from '../source-records.js'

const isPacked = (records: readonly unknown[] | PackedRecords): records is PackedRecords => '_tag' in records

const recordsOf = (source: string, partition: string, { records }: SourceBatch<unknown, unknown>): Records =>
  isPacked(records) ? new PackedSourceRecords(source, partition, records) : new ListedSourceRecords(source, partition, records)

/** Where records enter: those that the source could not give whole end here. */
export class ReadOperator extends Operator {
  constructor(stage: string, host: OperatorHost) {
    super(stage, 'read', host)
  }

  read(partition: string, batch: SourceBatch<unknown, unknown>): void {
    const records = recordsOf(this.stage, partition, batch)
    this.receive({ length: records.count, records, values: undefined, rows: undefined, paths: [], times: undefined, born: undefined, keys: undefined })
  }

  protected process(elements: Elements): void {
    const { records, length } = elements
    this.counts.read += length
    let whole: number[] | undefined
    for (let i = 0; i < length; i++) {
      const failure = records.failure(i)
      if (failure !== undefined) {
        whole ??= upTo(i)
        this.reject(elements, i, failure)
      } else if (whole !== undefined) whole.push(i)
    }
    this.emit(whole === undefined ? elements : select(elements, whole))
  }
}
