/** Has a file open, and does what it is told on its standard input, one word a line. Says `ready` when the file is open. */
import { createInterface } from 'node:readline'
import { bar, barsTable, open, rowOf, T0 } from './support.js'

const [path = '', pipeline = 'p'] = process.argv.slice(2)
const opened = await open([barsTable(path)], pipeline)
await opened.commit({ bars: [rowOf(bar('A', 0))] }, { header: { epoch: 1 }, changes: [new Uint8Array([1, 2, 3]), new Uint8Array(0)] })

const say = (word: string): void => void process.stdout.write(`${word}\n`)

/** Stops the event loop, as a busy process does. */
const block = (millis: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)

const commands: Readonly<Record<string, () => void | Promise<void>>> = {
  close: () => opened.close(),
  block: () => block(60_000),
  commit: async () => void (await opened.commit({ bars: [rowOf(bar('B', (Date.now() - T0) % 1e6))] })),
  resources: () => say(JSON.stringify(process.getActiveResourcesInfo())),
}

say('ready')
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'block') say('blocked')
  await commands[line]?.()
  say(`${line} done`)
}
