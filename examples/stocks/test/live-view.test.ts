import type { Job, JobStatus, Ledger } from '@millrace/core'
import { manualClock } from '@millrace/core/testing'
import { BehaviorSubject } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LiveView } from '#src/cli/live-view.js'
import type { Output } from '#src/cli/output.js'
import { NO_PAINT } from '#src/cli/paint.js'
import type { Parts } from '#src/cli/parts.js'

const test = suite('view of the live lane')

const NONE: Ledger = { read: 0, made: 0, expanded: 0, filtered: 0, deduplicated: 0, aggregated: 0, delivered: {}, deadLettered: 0, inFlight: 0, unaccounted: 0 }
const statusOf = (phase: JobStatus['phase'], ledger: Ledger): JobStatus =>
  ({ phase, records: 0, bytes: { done: 0, total: undefined }, watermarkMillis: 0, openWindows: 0, queued: { records: 0, bytes: 0 }, listening: true, gaps: 0, ledger })

const until = new AbortController().signal

/** A view of a job that is told what it is; what the tables say of gaps: two. */
const viewed = (columns?: number) => {
  const clock = manualClock(0)
  const [said, warned, drawn]: [string[], string[], string[]] = [[], [], []]
  const terminal = columns === undefined ? undefined : { write: (text: string) => void drawn.push(text), columns, rows: 24 }
  const output: Output = {
    say: (line = '') => void said.push(line), warn: (line) => void warned.push(line), result: () => {}, print: () => Promise.resolve(true),
    paint: NO_PAINT, isTerminal: terminal !== undefined, terminal, columns: 80,
  }
  const query: Parts['query'] = (_db, sql) => Promise.resolve(sql.includes('FROM gaps') ? [{ gaps: 2, millis: 5, reason: 'restarted' }] : [])
  const view = new LiveView({ clock, output, query, stream: { name: 'stream' } } as unknown as Parts, { // as: of all parts the view needs these
    db: 'x', ownUrl: true, sayConnected: (to) => to.say('Listening'),
  })
  const status$ = new BehaviorSubject(statusOf('starting', NONE))
  const job = { status$, ledger: NONE }
  const tell = (phase: JobStatus['phase'], ledger: Partial<Ledger>): void => {
    job.ledger = { ...NONE, ...ledger }
    status$.next(statusOf(phase, job.ledger))
  }
  return { view, clock, said, warned, drawn, tell, job: job as unknown as Job } // as: the view only looks at these two
}

test('after a resumption the rates are of this process, and the gaps of all', async () => {
  const { view, clock, said, tell, job } = viewed()
  void view.show(job, undefined, until)
  await clock.advance(200)
  assert.equal(said, [])
  tell('reading', { read: 100_000, aggregated: 300_000, delivered: { bars: 5 } })
  await clock.advance(100)
  tell('reading', { read: 100_010, aggregated: 300_050, delivered: { bars: 5 } })
  await clock.advance(100)
  const [line = ''] = said
  assert.match(line, /^0\.4 s: 100,010 frames \(50\/s\), 300,050 trades \(250\/s\), 5 bars, .*, 2 gaps$/)
  assert.is(said.length, 1)
})

test('it says that it listens once, and what to look at once, if nobody ever was there', () => {
  const { view, said, warned } = viewed()
  const refused = 'finnhub: ws://x: the connection failed: connect ECONNREFUSED; connecting again in 5 ms'
  for (const message of [refused, refused]) view.logger.warn(message)
  for (let i = 0; i < 2; i++) view.logger.info('finnhub: connected to ws://x, for 1 symbols')
  view.logger.warn(refused)
  assert.equal(said, ['Listening'])
  assert.equal(warned.map((line) => line.slice(0, 11)), ['Warning: fi', 'Is the exch', 'Warning: fi', 'Warning: fi'])
})

test('what is drawn below a warning of a lost connection is no longer connected', async () => {
  const { view, clock, drawn, tell, job } = viewed(120)
  void view.show(job, undefined, until)
  view.logger.info('finnhub: connected to ws://x, for 1 symbols')
  tell('reading', {})
  await clock.advance(200)
  assert.match(drawn.at(-1) ?? '', /Live +connected to ws:\/\/x/)
  view.logger.warn('finnhub: ws://x: closed by the server (1006); connecting again in 1000 ms')
  assert.match(drawn.at(-1) ?? '', /Live +disconnected: ws:\/\/x: closed by the server \(1006\)/)
  view.logger.warn('finnhub: something else')
  assert.match(drawn.at(-1) ?? '', /Live +disconnected: something else/)
  view.logger.info('finnhub: connected to ws://x, for 1 symbols')
  await clock.advance(200)
  assert.match(drawn.at(-1) ?? '', /Live +connected to ws:\/\/x/)
})

test.run()
