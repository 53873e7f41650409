import { existsSync } from 'node:fs'
import { unpackData } from '@millrace/core'
import { queryDuckdb } from '@millrace/sink-duckdb'

const NOTHING = { bytes: 0, openFiles: 0, endedFiles: 0, bars: 0, epoch: 0 }

const LOG = `SELECT seq, part, changes AS piece FROM millrace.state_log ORDER BY seq, part`
const HEADER = 'SELECT 0 AS seq, part, header AS piece FROM millrace.checkpoints ORDER BY part'

const blobsOf = async (db, sql) => {
  const blobs = new Map()
  for (const { seq, piece } of await queryDuckdb(db, sql)) blobs.set(seq, [...(blobs.get(seq) ?? []), piece])
  return [...blobs.values()].map((pieces) => unpackData(Buffer.concat(pieces)))
}

/** How far the last checkpoint of a killed run says it has come: unpacked bytes, files, bars. */
export const committedIn = async (db) => {
  if (!existsSync(db)) return NOTHING
  const tables = await queryDuckdb(db, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'millrace' AND table_name = 'state_log'")
  if (tables.length === 0) return NOTHING
  const [header] = await blobsOf(db, HEADER)
  if (header === undefined) return NOTHING
  const files = new Map()
  for (const [kind, entries] of await blobsOf(db, LOG)) {
    // By file: where its reading goes on, and whether it has ended.
    if (kind === 'p') for (const [, file, [offset], ended] of entries) files.set(file, { byte: offset?.byte ?? 0, ended })
  }
  const all = [...files.values()]
  const endedFiles = all.filter(({ ended }) => ended).length
  return { bytes: all.reduce((sum, { byte }) => sum + byte, 0), endedFiles, openFiles: all.length - endedFiles, bars: header.ledger.delivered.bars ?? 0, epoch: header.epoch }
}
