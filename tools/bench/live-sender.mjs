// What sends frames in a process of its own. Usage: live-sender.mjs all FILE | live-sender.mjs paced SECONDS
// all: every line of FILE as a websocket message, as fast as it is read. paced: trades of now, so many seconds long.
// Prints its URL; begins with the first subscription, and closes with 1000.
import { readFileSync } from 'node:fs'
import { WebSocketServer } from 'ws'
import { lineStartsOf } from './frames.mjs'
import { sendPaced } from './paced-trades.mjs'

const CHUNK_BYTES = 256 * 1024
const FINAL_TEXT = 0x81
const TWO_BYTES = 126
const SHORT = 125

const putHeader = (target, at, length) => {
  target[at] = FINAL_TEXT
  if (length <= SHORT) return void (target[at + 1] = length)
  target[at + 1] = TWO_BYTES
  target.writeUInt16BE(length, at + 2)
}

const headerBytes = (length) => (length <= SHORT ? 2 : 4)

/** The lines as websocket messages, one behind the other: nothing is left to be done when they are sent. */
const messagesOf = (buffer) => {
  const starts = lineStartsOf(buffer)
  const messages = Buffer.allocUnsafe(buffer.length + 4 * starts.length)
  let at = 0
  for (let i = 0; i < starts.length - 1; i++) {
    const length = starts[i + 1] - 1 - starts[i]
    putHeader(messages, at, length)
    at += headerBytes(length)
    at += buffer.copy(messages, at, starts[i], starts[i + 1] - 1)
  }
  return messages.subarray(0, at)
}

/** Past the websocket, straight into its socket. */
const sendAll = async (messages, socket) => {
  for (let at = 0; at < messages.length; at += CHUNK_BYTES) {
    if (!socket.write(messages.subarray(at, at + CHUNK_BYTES))) await new Promise((resolve) => socket.once('drain', resolve))
  }
}

const [how, argument] = process.argv.slice(2)
const messages = how === 'all' ? messagesOf(readFileSync(argument)) : undefined
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => process.stdout.write(`ws://127.0.0.1:${server.address().port}\n`))
server.on('connection', (websocket, { socket }) => {
  websocket.once('message', async () => {
    await (how === 'all' ? sendAll(messages, socket) : sendPaced(websocket, Number(argument)))
    websocket.close(1000)
  })
  websocket.once('close', () => server.close())
})
