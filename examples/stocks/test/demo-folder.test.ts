import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { RefusedError } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareDemoFolder, refuseWhileRunning } from '#src/cli/demo-folder.js'
import { filesOfDay } from '#src/generate/day.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('demo folder')

const put = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '[]')
}

test('removes what an earlier demo made, and nothing else', inTemporaryFolder((folder) => {
  const directory = join(folder, 'demo')
  const { trades, db, journal } = prepareDemoFolder(directory)
  for (const file of filesOfDay()) put(join(trades, file))
  put(join(journal, '1.segment'))
  const mine = [join(trades, 'AAPL', 'mine.txt'), join(directory, 'notes.txt'), join(trades, 'more', 'x.csv')]
  for (const path of [db, `${db}.wal`, ...mine]) put(path)
  assert.equal(prepareDemoFolder(directory), { trades, db, journal })
  for (const path of [db, `${db}.wal`, journal]) assert.not.ok(existsSync(path), path)
  assert.equal(readdirSync(trades).sort(), ['AAPL', 'more'])
  assert.equal(readdirSync(join(trades, 'AAPL')), ['mine.txt'])
  for (const path of mine) assert.ok(existsSync(path), path)
}))

test('refuses to overwrite what it did not make', inTemporaryFolder((folder) => {
  put(join(folder, 'stocks.duckdb'))
  assert.throws(() => prepareDemoFolder(folder), (error: unknown) => error instanceof RefusedError && /stocks\.duckdb is in the way/.test(error.message))
  assert.equal(readdirSync(folder), ['stocks.duckdb'])
}))

test('refuses a journal that it did not make', inTemporaryFolder((folder) => {
  put(join(folder, 'stocks.duckdb.journal', '1.segment'))
  assert.throws(() => prepareDemoFolder(folder), (error: unknown) => error instanceof RefusedError && /stocks\.duckdb\.journal is in the way/.test(error.message))
  assert.equal(readdirSync(join(folder, 'stocks.duckdb.journal')), ['1.segment'])
}))

for (const name of ['mine.json', 'AAPL/mine.ndjson.gz', 'more/x.JSONL']) {
  test(`refuses a folder whose trades hold ${name}, and changes nothing`, inTemporaryFolder((folder) => {
    const foreign = join(folder, 'trades', name)
    put(foreign)
    const before = readdirSync(folder, { recursive: true })
    const refuses = (): void => assert.throws(() => prepareDemoFolder(folder), (error: unknown) => error instanceof RefusedError && error.message.startsWith(`${foreign} is in the way`))
    refuses()
    assert.equal(readdirSync(folder, { recursive: true }), before)
    // Nor after a demo of its own, whose files are then kept.
    rmSync(foreign)
    const { trades, db } = prepareDemoFolder(folder)
    const own = filesOfDay().map((file) => join(trades, file))
    for (const path of [...own, db, foreign]) put(path)
    refuses()
    for (const path of [...own, db]) assert.ok(existsSync(path), path)
  }))
}

test('a list that leads out of the folder removes nothing there', inTemporaryFolder((folder) => {
  const directory = join(folder, 'demo')
  put(join(folder, 'precious.txt'))
  mkdirSync(directory)
  writeFileSync(join(directory, '.made-by-the-demo.json'), JSON.stringify(['../precious.txt', join(folder, 'precious.txt')]))
  prepareDemoFolder(directory)
  assert.ok(existsSync(join(folder, 'precious.txt')))
}))

test('a list that cannot be read removes nothing', inTemporaryFolder((folder) => {
  writeFileSync(join(folder, '.made-by-the-demo.json'), '{')
  assert.throws(() => prepareDemoFolder(folder), /cannot be read/)
}))

const messageOf = (action: Promise<void>): Promise<string> => action.then(() => 'was not refused', (error: Error) => `${error.name}: ${error.message}`)

test('a folder that no demo has made needs nobody to end', inTemporaryFolder(async (folder) => {
  await refuseWhileRunning(join(folder, 'nothing'))
  prepareDemoFolder(folder)
  await refuseWhileRunning(folder)
}))

test('refused while a live process has the journal, and not after its end', inTemporaryFolder(async (folder) => {
  const { journal } = prepareDemoFolder(folder)
  const lockOf = (text: string): void => {
    mkdirSync(journal, { recursive: true })
    writeFileSync(join(journal, 'lock'), text)
  }
  lockOf(JSON.stringify({ pid: process.pid, host: 'here' }))
  assert.match(await messageOf(refuseWhileRunning(folder)), `at work on ${join(folder, 'stocks.duckdb')}: process ${process.pid}. Wait for its end`)
  const { pid } = spawnSync(process.execPath, ['--version'])
  for (const text of [JSON.stringify({ pid, host: 'here' }), '{', 'null', '{"pid":"1"}']) {
    lockOf(text)
    await refuseWhileRunning(folder)
  }
}))

test('what cannot be asked may be an owner: nothing is removed', inTemporaryFolder(async (folder) => {
  const { db } = prepareDemoFolder(folder)
  put(db)
  const server = createServer((socket) => void socket.on('error', () => undefined).end(Buffer.alloc(4, 255))).listen(`${db}.sock`)
  await once(server, 'listening')
  assert.match(await messageOf(refuseWhileRunning(folder)), /stocks\.duckdb could not be found out: .*\.sock cannot be used/)
  server.close()
  await once(server, 'close')
  await refuseWhileRunning(folder)
}))

test.run()
