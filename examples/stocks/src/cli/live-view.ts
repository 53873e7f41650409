import type { Job, JobStatus, Ledger, Logger } from '@millrace/core'
import { figuresOf } from './figures.js'
import { hintOf, saysConnected, saysDisconnected } from './connection-words.js'
import { formatBytes, plural } from './format.js'
import { liveLines, plainLine } from './live-lines.js'
import { LiveScreen } from './live-screen.js'
import { NO_TABLES, type LiveState, type LiveTables } from './live-state.js'
import { loadLiveTables } from './live-tables.js'
import type { Output } from './output.js'
import type { Parts } from './parts.js'
import { Rates } from './rates.js'
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

/** Keeps the last status of a run; `began` is called with the first one in which it knows what it goes on with. */
const watch = (job: Job, began: (status: JobStatus) => void = () => {}): { readonly last: () => JobStatus | undefined; readonly end: () => void } => {
  let status: JobStatus | undefined
  // The job tells how it ended by `done`; here an error only ends the watch.
  const next = (now: JobStatus): void => {
    if (now.phase !== 'starting' && (status === undefined || status.phase === 'starting')) began(now)
    status = now
  }
  const subscription = job.status$.subscribe({ next, error: () => {} })
  return { last: () => status, end: () => subscription.unsubscribe() }
}

/** Of the live lane: where it writes, whether it listens to an exchange of one's own, and what to say when the first connection is open. */
export interface LiveViewOptions {
  readonly db: string
  readonly ownUrl: boolean
  readonly sayConnected: (output: Output) => void
}

/** Shows how the lanes are doing: in a terminal lines that are redrawn in place, else a plain line every few seconds. */
export class LiveView {
  /** Of the live lane: what it said last is shown beside the state of the connection. */
  readonly logger: Logger
  readonly batchLogger: Logger
  readonly #parts: Parts
  readonly #options: LiveViewOptions
  readonly #screen: LiveScreen | undefined
  readonly #rates = new Rates()
  #connection = ''
  #isDisconnected = false
  /** The first connection has been made, or could not be. */
  #hasTried = false
  #hasConnected = false
  /** As it was drawn last. */
  #drawn: LiveState | undefined
  #tables: LiveTables = NO_TABLES
  #reading: Promise<void> | undefined
  #readAtMillis = -Infinity
  #saidAtMillis = -Infinity
  #hasBars = false

  constructor(parts: Parts, options: LiveViewOptions) {
    this.#parts = parts
    this.#options = options
    this.#screen = parts.output.terminal && new LiveScreen(parts.output.terminal)
    const warn = (message: string): void => this.above((output) => output.warn(`Warning: ${printable(message)}`))
    this.batchLogger = { info: () => undefined, warn }
    this.logger = {
      info: (message) => this.#heard(message),
      warn: (message) => {
        this.#heard(message)
        warn(message)
        this.#hint(message)
      },
    }
  }

  /** Says something for good, above the lines that are redrawn. */
  above(say: (output: Output) => void): void {
    this.#screen?.clear()
    say(this.#parts.output)
    if (this.#drawn !== undefined) this.#draw(this.#drawn)
  }

  /** Shows the lanes until told to end; nothing of it is left on the screen then. */
  async show(stream: Job, batch: Job | undefined, until: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    // What earlier processes counted is no rate.
    const [ofStream, ofBatch] = [watch(stream, ({ ledger }) => this.#count(ledger)), batch && watch(batch)]
    const startedAtMillis = clock.now()
    this.#saidAtMillis = startedAtMillis
    while (await this.#slept(SAMPLE_MILLIS, until)) {
      const [status, batchStatus] = [ofStream.last(), ofBatch?.last()]
      if (status !== undefined) this.#show(this.#state(stream, status, batchStatus, startedAtMillis))
    }
    ofStream.end()
    ofBatch?.end()
    this.#drawn = undefined
    this.#screen?.clear()
    await this.#reading
  }

  #count({ read, aggregated }: Ledger): void {
    this.#rates.add({ atMillis: this.#parts.clock.now(), frames: read, trades: aggregated })
  }

  #heard(message: string): void {
    this.#connection = message
    const isConnected = saysConnected(message)
    this.#isDisconnected = saysDisconnected(message) || (this.#isDisconnected && !isConnected)
    if (!isConnected || this.#hasConnected) return
    this.#hasConnected = true
    this.above(this.#options.sayConnected)
  }

  /** Once: who reads the second warning has read the first. */
  #hint(message: string): void {
    const hint = this.#hasTried || this.#hasConnected ? undefined : hintOf(message, this.#options.ownUrl)
    this.#hasTried ||= saysDisconnected(message)
    if (hint !== undefined) this.above((output) => output.warn(hint))
  }

  async #slept(millis: number, until: AbortSignal): Promise<boolean> {
    if (until.aborted) return false
    await this.#parts.clock.sleep(millis, until).catch(() => {})
    return !until.aborted
  }

  #state(stream: Job, status: JobStatus, batchStatus: JobStatus | undefined, startedAtMillis: number): LiveState {
    const nowMillis = this.#parts.clock.now()
    const { ledger } = stream
    if (status.phase !== 'starting') this.#count(ledger)
    return {
      nowMillis, runMillis: nowMillis - startedAtMillis, isListening: status.listening, connection: this.#connection, isDisconnected: this.#isDisconnected,
      ...this.#rates.perSecond, ledger, watermarkMillis: status.watermarkMillis, openWindows: status.openWindows, tables: this.#tables,
      batch: batchStatus && batchWords(batchStatus),
    }
  }

  #show(state: LiveState): void {
    if (this.#screen === undefined) return this.#sayNowAndThen(state)
    this.#read(state)
    this.#draw(state)
  }

  /** With what the connector has said since. */
  #draw(state: LiveState): void {
    if (this.#screen === undefined) return
    this.#drawn = { ...state, connection: this.#connection, isDisconnected: this.#isDisconnected }
    this.#screen.draw(liveLines(this.#drawn, this.#screen.width, this.#parts.output.paint))
  }

  /** Every few seconds, and at the first bar: that it works should be seen at once. */
  #sayNowAndThen(state: LiveState): void {
    const isFirstBar = !this.#hasBars && figuresOf(state.ledger).bars > 0
    if (!isFirstBar && state.nowMillis - this.#saidAtMillis < PLAIN_LINE_MILLIS) return
    this.#hasBars ||= isFirstBar
    this.#saidAtMillis = state.nowMillis
    // Gaps of earlier processes are known to the table only.
    this.#read(state, (tables) => this.#parts.output.say(plainLine({ ...state, tables })))
  }

  /** Asks the tables now and then; one question at a time. */
  #read({ nowMillis, watermarkMillis }: LiveState, show: (tables: LiveTables) => void = () => {}): void {
    if (this.#reading !== undefined || nowMillis - this.#readAtMillis < TABLES_MILLIS) return
    this.#readAtMillis = nowMillis
    const { query, stream } = this.#parts
    this.#reading = loadLiveTables(query, this.#options.db, stream.name, watermarkMillis)
      // What cannot be read now is shown as it was: whether the run goes well is not for the screen to say.
      .then((tables) => void (this.#tables = tables), () => {})
      .then(() => show(this.#tables))
      .finally(() => (this.#reading = undefined))
  }
}
