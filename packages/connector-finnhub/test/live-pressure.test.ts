// Rows that are not aggregated go into a sink that is slower than the socket: the sender waits, nothing grows, nothing is lost or late.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finnhubTrades } from '@millrace/connector-finnhub'
import { startExchange, type Exchange } from '@millrace/connector-finnhub/testing'
import { journaled, type Logger } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { framesOf, noted, runSlowly, type Seen, type SlowRun } from './live-slow-sink.js'

const test = suite('back-pressure through a run')

const ROWS = 200_000
const SECONDS = 40
const limits = { maxQueuedRecords: 500, maxQueuedBytes: 65_536 }
/** What a socket gives at once: one read, 64 KiB, with the rest of a frame from the read before. */
const MOST_READ_BYTES = 65_536 + 1_024
const MOST_GROWTH_BYTES = 16_000_000

const withExchange = async (use: (exchange: Exchange) => Promise<void>): Promise<void> => {
  const exchange = await startExchange({ frames: framesOf(ROWS), record: 0 })
  try {
    await use(exchange)
  } finally {
    await exchange.close()
  }
}

const nothingSeen = (): Seen => ({ pauses: 0, batchRecords: 0, batchBytes: 0 })

/** All rows, in order, none of them late, at the pace of the sink, in memory that does not grow. */
const expectAll = ({ rows, letters, counts, residents }: SlowRun, millis: number): void => {
  assert.equal([rows.count, rows.outOfOrder, letters.values.length], [ROWS, 0, 0])
  assert.equal(counts.values, Array.from({ length: ROWS / 1_000 }, () => 1_000))
  assert.ok(millis >= SECONDS * 1_000, `${millis} ms`)
  const settled = residents.slice(2)
  assert.is(settled.length, 8)
  assert.ok(Math.max(...settled) - (settled[0] ?? 0) < MOST_GROWTH_BYTES, residents.join())
}

test(`${ROWS} rows into 5,000 a second: the socket is paused, the queue stays within its limits and one read`, () =>
  withExchange(async (exchange) => {
    const seen = nothingSeen()
    const run = runSlowly(noted(finnhubTrades({ symbols: ['AAPL'], url: exchange.url, untilClosed: true }), seen), ROWS, limits)
    expectAll(run, await run.ended())
    assert.ok(seen.batchBytes <= MOST_READ_BYTES, `${seen.batchBytes} bytes in one read`)
    assert.ok(run.most.bytes > limits.maxQueuedBytes / 2 && run.most.bytes <= limits.maxQueuedBytes + seen.batchBytes, `${run.most.bytes} bytes`)
    assert.ok(run.most.records <= limits.maxQueuedRecords + seen.batchRecords, `${run.most.records} records`)
    assert.ok(seen.pauses > SECONDS, `${seen.pauses} pauses`)
    assert.ok(exchange.counts().waits > 2, `the sender waited ${exchange.counts().waits} times`)
    assert.is(exchange.connections(), 1)
  }))

const bytesIn = (folder: string): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

test(`with a journal of 256 KiB between them: it is full again and again, and the socket is paused`, () =>
  withExchange(async (exchange) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-pressure-'))
    try {
      const seen = nothingSeen()
      const said: string[] = []
      let mostBytes = 0
      const hear = (message: string): void => {
        said.push(message)
        mostBytes = Math.max(mostBytes, bytesIn(directory))
      }
      const logger: Logger = { info: hear, warn: hear }
      const maxBytes = 262_144
      const source = journaled(noted(finnhubTrades({ symbols: ['AAPL'], url: exchange.url, untilClosed: true }), seen), { directory, maxBytes })
      const run = runSlowly(source, ROWS, { ...limits, logger })
      expectAll(run, await run.ended())
      const full = said.filter((message) => message.includes('is full')).length
      assert.ok(full > SECONDS, `full ${full} times`)
      assert.is(seen.pauses, full)
      // One segment may wait to be removed, and what a read brought is kept.
      assert.ok(mostBytes <= maxBytes * 1.25 + 2 * seen.batchBytes, `${mostBytes} bytes`)
      assert.ok(exchange.counts().waits > 2, `the sender waited ${exchange.counts().waits} times`)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }))

test.run()
