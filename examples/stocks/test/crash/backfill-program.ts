// The example's batch pipeline for the crash driver: the files of the first folder into the DuckDB file of the second one, with a
// checkpoint after every batch. All that it keeps is in the second folder. `MILLRACE_TEST_REPLACE=1` asks for replace.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError, runLocal } from '@millrace/core'
import { crashInstrumentFromEnv } from '@millrace/core/testing'
import { batch } from '#src/pipeline.js'

const [input = '', directory = ''] = process.argv.slice(2)
const instrument = crashInstrumentFromEnv()
const keep = (outcome: unknown): void => writeFileSync(join(directory, 'outcome.json'), JSON.stringify(outcome))

const job = runLocal(
  batch,
  { paths: [input], db: join(directory, 'stocks.duckdb') },
  { epochMillis: 0, concurrency: 2, replace: process.env['MILLRACE_TEST_REPLACE'] === '1', ...(instrument && { instrument }) },
)
try {
  const { total } = await job.done
  keep({ total })
} catch (error) {
  if (!(error instanceof RefusedError)) throw error
  keep({ refused: error._tag })
}
