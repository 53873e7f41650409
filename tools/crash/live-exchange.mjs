// A simulated exchange in a process of its own, for live lanes that are killed or watched. Usage: live-exchange.mjs OPTIONS [FILE]
// OPTIONS is JSON for `startExchange`. It tells its parent its URL and, each few milliseconds, how much it has sent. Asked for `report`, it
// tells its counts, and writes all that was sent, and which pings were answered, to FILE as lines of JSON.
import { writeFileSync } from 'node:fs'
import { startExchange } from '@millrace/connector-finnhub/testing'

const TELL_MILLIS = 10

const [options, file] = process.argv.slice(2)
const exchange = await startExchange({ ...JSON.parse(options), record: file === undefined ? 0 : 1_000_000 })
process.send({ url: exchange.url })

let told = ''
const tell = () => {
  const { messages } = exchange.counts()
  const now = { messages, connections: exchange.connections(), open: exchange.open() }
  if (JSON.stringify(now) === told) return
  told = JSON.stringify(now)
  process.send(now)
}
const timer = setInterval(tell, TELL_MILLIS)

const writeSent = () => {
  const sent = exchange.sent().map(({ connection, data }) => JSON.stringify([connection, Buffer.from(data).toString('base64')]))
  writeFileSync(file, [JSON.stringify(exchange.pongs()), ...sent].join('\n'))
}

const answer = async (message) => {
  if (message === 'report') {
    if (file !== undefined) writeSent()
    return process.send({ counts: exchange.counts() })
  }
  clearInterval(timer)
  await exchange.close()
  process.disconnect()
}

process.on('message', (message) => void answer(message))
