#!/usr/bin/env node
import { systemClock } from '@millrace/core'
import { startExchange } from './exchange/exchange.js'
import { HELP, parseMain } from './main-options.js'

const USAGE_ERROR = 2

const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })

const main = async (): Promise<void> => {
  const options = parseMain(process.argv.slice(2), systemClock.now())
  if (options === 'help') return void process.stdout.write(HELP)
  const exchange = await startExchange(options.exchange)
  process.stdout.write(`${exchange.url}\n`)
  try {
    await (options.endsWithMarket ? Promise.race([exchange.done, untilSignal()]) : untilSignal())
  } finally {
    await exchange.close()
    const { messages, trades, priceUpdates, bad } = exchange.counts()
    process.stdout.write(`sent ${messages} messages: ${trades} trades, ${priceUpdates} price updates, ${bad} bad\n`)
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`millrace-exchange: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = USAGE_ERROR
}
