import type { Job, JobStatus, Logger } from '@millrace/core'
import { figuresOf } from './figures.js'
import { formatBytes, plural } from './format.js'
import { liveLines, plainLine } from './live-lines.js'
import { LiveScreen } from './live-screen.js'
import { NO_TABLES, type LiveState, type LiveTables } from './live-state.js'
import { loadLiveTables } from './live-tables.js'
import type { Output } from './output.js'
import type { Parts } from './parts.js'
import { Rates, type Counted } from './rates.js'
import { printable } from './table.js'

const SAMPLE_MILLIS = 200
const PLAIN_LINE_MILLIS = 5_000
const TABLES_MILLIS = 500

const batchWords = ({ phase, records, bytes }: JobStatus): string => {
  if (phase === 'starting') return 'starting'
  if (phase === 'firing') return `all read (${plural(records, 'record')}), writing bars`
  if (phase === 'done') return `done, ${plural(records, 'record')}`
  const { done, total } = bytes
  return total === undefined || total === 0 ? formatBytes(done) : `${Math.floor((100 * done) / total)} % of ${formatBytes(total)}`
}

const countedBy = ({ ledger }: Job, atMillis: number): Counted => ({ atMillis, frames: ledger.read, trades: ledger.aggregated })

/** Keeps the last status of a run. */
const watch = (job: Job): { readonly last: () => JobStatus | undefined; readonly end: () => void } => {
  let status: JobStatus | undefined
  // The job tells how it ended by `done`; here an error only ends the watch.
  const subscription = job.status$.subscribe({ next: (next) => (status = next), error: () => {} })
  return { last: () => status, end: () => subscription.unsubscribe() }
}

/** Shows how the lanes are doing: in a terminal lines that are redrawn in place, else a plain line every few seconds. */
export class LiveView {
  /** Of the live lane: what it said last is shown beside the state of the connection. */
  readonly logger: Logger
  readonly batchLogger: Logger
  readonly #parts: Parts
  readonly #db: string
  readonly #screen: LiveScreen | undefined
  readonly #rates = new Rates()
  #connection = ''
  #lines: readonly string[] = []
  #tables: LiveTables = NO_TABLES
  #reading: Promise<void> | undefined
  #readAtMillis = -Infinity
  #saidAtMillis = -Infinity
  #hasBars = false

  constructor(parts: Parts, db: string) {
    this.#parts = parts
    this.#db = db
    this.#screen = parts.output.terminal && new LiveScreen(parts.output.terminal)
    const warn = (message: string): void => this.above((output) => output.warn(`Warning: ${printable(message)}`))
    this.batchLogger = { info: () => undefined, warn }
    this.logger = {
      info: (message) => this.#say(message),
      warn: (message) => {
        this.#say(message)
        warn(message)
      },
    }
  }

  /** Says something for good, above the lines that are redrawn. */
  above(say: (output: Output) => void): void {
    this.#screen?.clear()
    say(this.#parts.output)
    if (this.#lines.length > 0) this.#screen?.draw(this.#lines)
  }

  /** Shows the lanes until told to end; nothing of it is left on the screen then. */
  async show(stream: Job, batch: Job | undefined, until: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    const [ofStream, ofBatch] = [watch(stream), batch && watch(batch)]
    const startedAtMillis = clock.now()
    this.#saidAtMillis = startedAtMillis
    this.#rates.add(countedBy(stream, startedAtMillis))
    while (await this.#slept(SAMPLE_MILLIS, until)) {
      const [status, batchStatus] = [ofStream.last(), ofBatch?.last()]
      if (status !== undefined) this.#show(this.#state(stream, status, batchStatus, startedAtMillis))
    }
    ofStream.end()
    ofBatch?.end()
    this.#lines = []
    this.#screen?.clear()
    await this.#reading
  }

  #say(message: string): void {
    this.#connection = message
  }

  async #slept(millis: number, until: AbortSignal): Promise<boolean> {
    if (until.aborted) return false
    await this.#parts.clock.sleep(millis, until).catch(() => {})
    return !until.aborted
  }

  #state(stream: Job, status: JobStatus, batchStatus: JobStatus | undefined, startedAtMillis: number): LiveState {
    const nowMillis = this.#parts.clock.now()
    const { ledger } = stream
    this.#rates.add(countedBy(stream, nowMillis))
    return {
      nowMillis, runMillis: nowMillis - startedAtMillis, isListening: status.listening, connection: this.#connection, ...this.#rates.perSecond, ledger,
      watermarkMillis: status.watermarkMillis, openWindows: status.openWindows, gaps: status.gaps, tables: this.#tables,
      batch: batchStatus && batchWords(batchStatus),
    }
  }

  #show(state: LiveState): void {
    const { output } = this.#parts
    if (this.#screen === undefined) return this.#sayNowAndThen(state)
    this.#read(state)
    this.#lines = liveLines(state, this.#screen.width, output.paint)
    this.#screen.draw(this.#lines)
  }

  /** Every few seconds, and at the first bar: that it works should be seen at once. */
  #sayNowAndThen(state: LiveState): void {
    const isFirstBar = !this.#hasBars && figuresOf(state.ledger).bars > 0
    if (!isFirstBar && state.nowMillis - this.#saidAtMillis < PLAIN_LINE_MILLIS) return
    this.#hasBars ||= isFirstBar
    this.#saidAtMillis = state.nowMillis
    this.#parts.output.say(plainLine(state))
  }

  /** Asks the tables now and then; one question at a time. */
  #read({ nowMillis, watermarkMillis }: LiveState): void {
    if (this.#reading !== undefined || nowMillis - this.#readAtMillis < TABLES_MILLIS) return
    this.#readAtMillis = nowMillis
    const { query, stream } = this.#parts
    this.#reading = loadLiveTables(query, this.#db, stream.name, watermarkMillis)
      // What cannot be read now is shown as it was: whether the run goes well is not for the screen to say.
      .then((tables) => void (this.#tables = tables), () => {})
      .finally(() => (this.#reading = undefined))
  }
}
