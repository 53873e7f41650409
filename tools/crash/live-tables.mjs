import { readJournal } from '@millrace/core'
import { DeadLetterIds } from '../../packages/core/dist/dead-letter/id.js'
import { stableId } from '../../packages/core/dist/pipeline/stable-id.js'
import { confirmedMissing } from '../../packages/connector-finnhub/dist-test/crash-confirmed.js'
import { payloadsWrong } from '../../packages/connector-finnhub/dist-test/crash-payloads.js'
import { canonical, differences, expectedOf, gapOfRow, identityOfRow } from '../../packages/connector-finnhub/dist-test/crash-reference.js'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { stream } from '../../examples/stocks/dist/pipeline.js'

const millis = (column) => `epoch_ms(${column})::DOUBLE AS ${column}`

const BARS = `SELECT symbol, ${millis('window_start')}, ${millis('window_end')}, open, high, low, close, volume, vwap, trades::DOUBLE AS trades, lane, complete FROM bars`
const LETTERS = `SELECT * EXCLUDE (occurred_at, event_time), ${millis('event_time')} FROM dead_letters`
const GAPS = `SELECT gap_id, source_name, ${millis('from_time')}, ${millis('to_time')}, reason FROM gaps`

/** The stage of the example that reads the exchange. */
const READ = 'finnhub'

export const dumpOf = async (journal) => {
  const records = []
  for await (const record of readJournal(journal)) records.push(record)
  return records
}

const idOf = ({ pipeline, stage, source_name, source_partition, source_position, path }) =>
  new DeadLetterIds(pipeline, stage).of(source_name, source_partition, JSON.parse(source_position), JSON.parse(path))

const wrongIds = (letters, gaps) => [
  ...letters.filter((row) => row.dead_letter_id !== idOf(row)).map(({ dead_letter_id }) => `dead letters: ${dead_letter_id} is not the id of where it comes from`),
  ...gaps.filter((row) => row.gap_id !== stableId([stream.name, READ, 'live', row.from_time, row.to_time, row.reason])).map(({ gap_id }) => `gaps: ${gap_id} is not its id`),
]

const wrongLedger = (found, ledger) => {
  const expected = { ...ledger, inFlight: 0, unaccounted: 0 }
  return Object.entries(expected).flatMap(([name, value]) => (canonical({ value }) === canonical({ value: found[name] }) ? [] : [`ledger: ${name} is ${JSON.stringify(found[name])}, must be ${JSON.stringify(value)}`]))
}

/**
 * Compares a file that a live lane has written, and its ledger, with what the reference interpreter makes of its journal, and the journal
 * with what the exchange sent.
 * @param ledger of the run that came to the end; undefined if there is none
 * @returns how much was compared, and everything that is wrong
 */
export const checkLive = async ({ db, journal, config, ledger, sent, pongs }) => {
  const dump = await dumpOf(journal)
  const expected = await expectedOf(stream, config, READ, dump)
  const [bars, letters, gaps] = [await queryDuckdb(db, BARS), await queryDuckdb(db, LETTERS), await queryDuckdb(db, GAPS)]
  const wrong = [
    ...differences('bars', bars.map(canonical), expected.rows.get('bars')),
    ...differences('dead letters', letters.map(identityOfRow), expected.deadLetters),
    ...differences('gaps', gaps.map(gapOfRow), expected.gaps),
    ...wrongIds(letters, gaps),
    ...payloadsWrong(letters, dump),
    ...(ledger === undefined ? [] : wrongLedger(ledger, expected.ledger)),
    ...confirmedMissing(sent, pongs, dump),
  ]
  const complete = bars.filter((row) => row.complete).length
  return { wrong, records: dump.length, bars: bars.length, complete, letters: letters.length, stages: [...new Set(letters.map(({ stage }) => stage))], gaps: gaps.length, sent: sent.length, pongs: pongs.length }
}
