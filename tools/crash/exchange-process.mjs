import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const PROGRAM = join(root, 'tools', 'crash', 'live-exchange.mjs')

const readSent = (file) => {
  const [pongs, ...lines] = readFileSync(file, 'utf8').split('\n')
  const sent = lines.map((line) => {
    const [connection, data] = JSON.parse(line)
    return { connection, data: Buffer.from(data, 'base64') }
  })
  return { pongs: JSON.parse(pongs), sent }
}

/** An exchange in a process of its own. */
export class ExchangeProcess {
  #child
  #file
  #waiting = new Set()
  #failure
  /** What it told last. */
  seen = { messages: 0, connections: 0, open: 0 }

  /** @param [file] where it may write what it has sent; without one it does not remember that */
  constructor(options, file) {
    this.#file = file
    this.#child = fork(PROGRAM, [JSON.stringify(options), ...(file === undefined ? [] : [file])])
    this.#child.on('message', (message) => this.#hear(message))
    this.#child.on('exit', (code, signal) => {
      this.#failure = new Error(`the exchange ended with ${signal ?? code}`)
      this.#look()
    })
  }

  #hear(message) {
    this.seen = { ...this.seen, ...message }
    this.#look()
  }

  #look() {
    for (const look of this.#waiting) look()
  }

  /** Resolves when what it tells is so; with false when `signal` is aborted before. */
  until(isSo, signal) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        this.#waiting.delete(look)
        signal?.removeEventListener('abort', look)
        settle(value)
      }
      const look = () => {
        if (this.#failure !== undefined) end(reject, this.#failure)
        else if (isSo(this.seen)) end(resolve, true)
        else if (signal?.aborted) end(resolve, false)
      }
      this.#waiting.add(look)
      signal?.addEventListener('abort', look)
      look()
    })
  }

  async start() {
    await this.until(({ url }) => url !== undefined)
    return this.seen.url
  }

  /** Its counts, and with a file all that was sent, in order, and for each ping that was answered how many messages had been sent before it. */
  async report() {
    this.#child.send('report')
    await this.until(({ counts }) => counts !== undefined)
    return { counts: this.seen.counts, ...(this.#file === undefined ? {} : readSent(this.#file)) }
  }

  async close() {
    if (this.#failure !== undefined) return
    const exit = once(this.#child, 'exit')
    this.#child.send('close')
    await exit
  }
}
