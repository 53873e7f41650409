import { duckdbTable, timestampMillis, type DuckDbTable } from '@millrace/sink-duckdb'
import * as t from 'io-ts'

/** A row of the table `gaps`: when the live lane heard nothing. Every reconnection is one. */
const GapsRow = t.type({
  gap_id: t.string,
  source_name: t.string,
  from_time: timestampMillis,
  // Null is for others who write here: what core writes has always ended.
  to_time: t.union([timestampMillis, t.null]),
  reason: t.string,
}, 'GapsRow')
type GapsRow = t.TypeOf<typeof GapsRow>

/** The table of the gaps. Files have none; the batch lane has the table made all the same, because reports look for it. */
export const gapsTable = (db: string): DuckDbTable<GapsRow> =>
  duckdbTable({ path: db, table: 'gaps', codec: GapsRow, key: ['gap_id'], stamp: false })
