import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connect, readAll, until } from './exchange-client.js'

const test = suite('exchange: program')
const PROGRAM = fileURLToPath(import.meta.resolve('#src/testing/main.js'))

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly output: () => string
  readonly errors: () => string
  readonly exit: Promise<number | null>
}

const start = (...args: readonly string[]): Running => {
  const child = spawn(process.execPath, [PROGRAM, ...args])
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { errors += chunk.toString() })
  return { child, output: () => output, errors: () => errors, exit: once(child, 'close').then(([code]: readonly unknown[]) => (code === null ? null : Number(code))) }
}

const urlOf = async ({ output }: Running): Promise<string> => {
  await until('the URL', () => output().includes('\n'))
  return output().trim().split('\n')[0] ?? ''
}

test('it prints its URL, plays a market as fast as it is read, and ends with it', async () => {
  const program = start('--speed', 'max', '--seconds', '20', '--rate', '100', '--until-end', '--key', 'k', '--seed', '4')
  const url = await urlOf(program)
  assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+$/)
  const { code, received } = await readAll(`${url}?token=k`, ['AAPL', 'NVDA'])
  assert.is(code, 1000)
  assert.ok(received.length > 100)
  assert.is(await program.exit, 0)
  assert.match(program.output(), new RegExp(`sent ${received.length} messages: \\d+ trades`))
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`in real time it goes on until ${signal}, which its clients see as 1001`, async () => {
    const program = start('--history', '3')
    const client = connect(await urlOf(program))
    await once(client.websocket, 'open')
    client.subscribe('AAPL')
    await until('frames', () => client.received.length > 3)
    program.child.kill(signal)
    assert.is(await program.exit, 0)
    assert.is((await client.closed).code, 1001)
  })
}

test('with faults the connection drops and goes on', async () => {
  const program = start('--speed', 'max', '--seconds', '100', '--faults', '--until-end')
  const url = await urlOf(program)
  let connections = 0
  while (program.child.exitCode === null && connections < 200) {
    await readAll(url, ['AAPL', 'NVDA', 'MSFT'])
    connections += 1
  }
  assert.is(await program.exit, 0)
  assert.ok(connections > 3, `${connections} connections`)
})

test('help, and arguments that are wrong', async () => {
  const help = start('--help')
  assert.is(await help.exit, 0)
  assert.match(help.output(), /--until-end/)
  for (const args of [['--speed', 'fast'], ['--port', '-1'], ['--what'], ['--rate', '0'], ['extra']]) {
    const wrong = start(...args)
    assert.is(await wrong.exit, 2, args.join(' '))
    assert.match(wrong.errors(), /^millrace-exchange: /)
  }
})

test.run()
