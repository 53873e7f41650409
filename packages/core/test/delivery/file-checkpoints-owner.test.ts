import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileCheckpoints, RefusedError } from '@millrace/core'
import { isRunning, thisProcess } from '#src/delivery/files/process-identity.js'
import {
  checkpointAfter,
  errorOf,
  fileOf,
  pipeline,
  plain,
  readFrom,
  temporaryFolder,
  withStore,
  writeNumber,
} from './checkpoint-files.js'
import { watchFiles } from './watched-files.js'

const test = suite('fileCheckpoints, owned')

const owner = async (directory: string): Promise<void> => {
  await fileCheckpoints({ directory }).write(pipeline, writeNumber(1))
  process.send?.('owned')
  // Keeps the process until it is killed.
  process.on('message', () => undefined)
}

const startOwner = async (directory: string): Promise<ChildProcess> => {
  const child = fork(import.meta.filename, ['owner', directory])
  await once(child, 'message')
  return child
}

const kill = async (child: ChildProcess): Promise<void> => {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** A lock as another owner left it. */
const putLock = async (changed: Readonly<Record<string, unknown>>): Promise<string> => {
  const directory = temporaryFolder()
  await withStore(directory, async (store) => {
    await store.write(pipeline, writeNumber(1))
    const own: unknown = JSON.parse(readFileSync(fileOf(directory, 'lock'), 'utf8'))
    await store.close()
    writeFileSync(fileOf(directory, 'lock'), JSON.stringify({ ...(own as object), ...changed })) // written by the store
  })
  return directory
}

test('a live owner is refused with its PID and the remedy; a killed one is replaced', async () => {
  const directory = temporaryFolder()
  const child = await startOwner(directory)
  for (const run of [
    () => readFrom(directory),
    () => withStore(directory, (store) => store.write(pipeline, writeNumber(2))),
  ]) {
    const error = await errorOf(run())
    assert.instance(error, RefusedError)
    assert.match(
      error.message,
      new RegExp(
        `pipeline "stocks" .* is used by process ${child.pid} on .* since 20.*Stop that process, or give this run another directory`,
      ),
    )
  }
  await kill(child)
  assert.equal(await readFrom(directory), plain(checkpointAfter(1)))
})

test('a second store in this process is refused until the first is closed', async () => {
  const directory = temporaryFolder()
  const first = fileCheckpoints({ directory, clock: { now: () => 0, sleep: async () => undefined } })
  await first.write(pipeline, writeNumber(1))
  const { message } = await errorOf(readFrom(directory))
  assert.match(
    message,
    new RegExp(
      `this process \\(PID ${process.pid}\\) already since 1970-01-01T00:00:00.000Z. Close the other store first`,
    ),
  )
  await first.close()
  assert.equal(await readFrom(directory), plain(checkpointAfter(1)))
})

test('other pipelines in the same directory are free', async () => {
  const directory = temporaryFolder()
  const first = fileCheckpoints({ directory })
  await first.write(pipeline, writeNumber(1))
  await withStore(directory, (store) => store.write('another', writeNumber(1)))
  await first.close()
})

test('a lock from another machine counts as live', async () => {
  const directory = await putLock({ host: 'elsewhere', pid: 1 })
  const { message } = await errorOf(readFrom(directory))
  assert.match(message, /process 1 on elsewhere.*If it is gone for certain, delete .*lock/)
})

test('a lock that cannot be understood is refused with the remedy', async () => {
  const directory = await putLock({})
  for (const text of ['', '{', 'null', '7', '{}']) {
    writeFileSync(fileOf(directory, 'lock'), text)
    assert.match(
      (await errorOf(readFrom(directory))).message,
      /cannot be understood. If no process uses it, delete that file/,
    )
  }
})

test('of many that find a stale lock at once, one gets it', async () => {
  for (let time = 0; time < 20; time++) {
    const directory = await putLock({ pid: 2 ** 30 })
    const stores = Array.from({ length: 20 }, () => fileCheckpoints({ directory }))
    const results = await Promise.allSettled(stores.map((store) => store.read(pipeline)))
    assert.is(results.filter((result) => result.status === 'fulfilled').length, 1)
    for (const result of results) if (result.status === 'rejected') assert.instance(result.reason, RefusedError)
    await Promise.all(stores.map((store) => store.close()))
    assert.equal(locksOf(directory), [])
  }
})

const locksOf = (directory: string): readonly string[] => readdirSync(dirname(fileOf(directory, 'lock'))).filter((name) => name.startsWith('lock'))

/** What removes a stale lock says so by this file. */
const claimOf = (directory: string, ...past: readonly string[]): string =>
  `${fileOf(directory, 'lock')}.${createHash('sha256').update(past.join('')).digest('hex').slice(0, 16)}`

test('who comes too late for a stale lock leaves the new one alone', async () => {
  const directory = await putLock({ pid: 2 ** 30 })
  const live = JSON.stringify({ pid: process.pid, host: hostname(), start: null, sinceMillis: 0 })
  let links = 0
  // Another process takes the stale lock between our look at it and our claim to remove it.
  const interfere = (op: string): void => {
    if (op === 'link' && ++links === 2) writeFileSync(fileOf(directory, 'lock'), live)
  }
  await watchFiles(
    directory,
    async () => {
      const { message } = await errorOf(readFrom(directory))
      assert.match(message, `PID ${process.pid}`)
    },
    { fail: interfere },
  )
  assert.is(links, 3)
  assert.is(readFileSync(fileOf(directory, 'lock'), 'utf8'), live)
  assert.equal(locksOf(directory), ['lock'])
})

test('the claim of a process that died while it removed a stale lock is passed over; that of a live one is waited for', async () => {
  const directory = await putLock({ pid: 2 ** 30 })
  const stale = readFileSync(fileOf(directory, 'lock'), 'utf8')
  const dead = JSON.stringify({ pid: 2 ** 30 + 1, host: hostname(), start: null, sinceMillis: 0 })
  writeFileSync(claimOf(directory, stale), dead)
  writeFileSync(claimOf(directory, stale, dead), dead)
  assert.equal(await readFrom(directory), plain(checkpointAfter(1)))
  assert.equal(locksOf(directory), [])

  const another = await putLock({ pid: 2 ** 30 })
  const claim = claimOf(another, readFileSync(fileOf(another, 'lock'), 'utf8'))
  writeFileSync(claim, JSON.stringify({ pid: process.pid, host: hostname(), start: null, sinceMillis: 0 }))
  setImmediate(() => {
    rmSync(fileOf(another, 'lock'))
    rmSync(claim)
  })
  assert.equal(await readFrom(another), plain(checkpointAfter(1)))
})

test('whoever lost its lock writes nothing, and leaves the new one alone', async () => {
  const directory = temporaryFolder()
  const store = fileCheckpoints({ directory })
  await store.write(pipeline, writeNumber(1))
  const files = ['header', 'changes-1.log'].map((name) => fileOf(directory, name))
  const before = files.map((file) => readFileSync(file, 'hex'))
  writeFileSync(fileOf(directory, 'lock'), 'of another')
  const { code, message } = await errorOf(store.write(pipeline, writeNumber(2)))
  assert.is(code, 'Aborted')
  assert.match(message, 'was deleted or taken over by another one. Nothing was written')
  assert.equal(
    files.map((file) => readFileSync(file, 'hex')),
    before,
  )
  await store.close()
  assert.is(readFileSync(fileOf(directory, 'lock'), 'utf8'), 'of another')
})

const linux = existsSync('/proc/self/stat')
const onLinux: typeof test = linux ? test : (test.skip as typeof test) // same way to call it

onLinux('a later process of the same number is not the owner', async () => {
  const { start } = await thisProcess()
  assert.ok(start !== null)
  const directory = await putLock({ start: `${start}0` })
  assert.equal(await readFrom(directory), plain(checkpointAfter(1)))
})

test('knows what runs', async () => {
  assert.ok(await isRunning(await thisProcess()))
  assert.ok(await isRunning({ pid: process.pid, start: null }))
  assert.not(await isRunning({ pid: 2 ** 30, start: null }))
})

if (process.argv[2] === 'owner') void owner(process.argv[3] ?? '')
else test.run()
