import { fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConnectorError, fileCheckpoints, type CheckpointStore } from '@millrace/core'
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
import { watchFiles, type FileEvent } from './watched-files.js'

const test = suite('fileCheckpoints, crashed')
const WRITES = 5

/** The writes, one by one, with what each did to the disk. */
const watchedWrites = async (copies: boolean): Promise<readonly (readonly FileEvent[])[]> => {
  const directory = temporaryFolder()
  const ends: number[] = []
  const events = await watchFiles(
    directory,
    async (seen) => {
      const store = fileCheckpoints({ directory })
      for (let n = 1; n <= WRITES; n++) {
        await store.write(pipeline, writeNumber(n))
        ends.push(seen.length)
      }
      await store.close()
    },
    { copies },
  )
  return ends.map((end, i) => events.slice(ends[i - 1] ?? 0, end))
}

const isHeaderRename = ({ op, path }: FileEvent): boolean => op === 'rename' && basename(path) === 'header'

const goesOn = async (state: string, n: number): Promise<void> => {
  const { header } = writeNumber(n)
  await withStore(state, (store) => store.write(pipeline, { header, reset: false, changes: [Uint8Array.of(1)] }))
  const stored = await withStore(state, (store) => store.read(pipeline))
  assert.equal(stored?.header, header)
}

test('a crash at any moment, and at any byte, gives the checkpoint before or the new one', async () => {
  let states = 0
  for (const [i, events] of (await watchedWrites(true)).entries()) {
    // The first one of the first write only says that there is none yet.
    const decisive = events.findLastIndex(isHeaderRename)
    assert.ok(decisive > 0, `write ${i + 1} replaced the header`)
    for (const [j, { op, path, states: copies }] of events.entries()) {
      const expected = plain(checkpointAfter(j > decisive ? i + 1 : i))
      for (const state of copies) {
        // Its owner lives: it is this process.
        rmSync(fileOf(state, 'lock'), { force: true })
        assert.equal(await readFrom(state), expected, `write ${i + 1}, step ${j}: ${op} ${basename(path)}`)
        states++
      }
      if (copies[0] !== undefined) await goesOn(copies[0], i + 1)
    }
  }
  assert.ok(states > 100, `${states} states`)
})

test('nothing is trusted before it is synced', async () => {
  for (const events of await watchedWrites(false)) {
    const unsynced = new Set<string>()
    for (const { op, path } of events) {
      if (op === 'write' || op === 'create') unsynced.add(path)
      if (op === 'sync') unsynced.delete(path)
      // Names: of a new log before the header that needs it, of the header before the write ends.
      if (op === 'create' && path.endsWith('.log')) unsynced.add(dirname(path))
      if (op === 'rename') {
        assert.equal([...unsynced], [], `before the header is replaced`)
        unsynced.add(dirname(path))
      }
      if (op === 'unlink' && path.endsWith('.log')) assert.equal([...unsynced], [], 'before the old log is removed')
    }
    assert.equal([...unsynced], [], 'when the write ends')
  }
})

test('a full disk is a clear error, and the checkpoint before stays', async () => {
  const directory = temporaryFolder()
  let room = Infinity
  const fail = (op: string): void => {
    if (op !== 'unlink' && room-- <= 0)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
  const fill = async (store: CheckpointStore, steps: number): Promise<boolean> => {
    room = steps
    const failed: unknown = await store
      .write(pipeline, { header: 'new', reset: true, changes: [Uint8Array.of(1)] })
      .then(
        () => undefined,
        (error) => error,
      )
    room = Infinity
    if (failed === undefined) return false
    assert.instance(failed, ConnectorError)
    const { code, message } = failed as ConnectorError // as was just asserted
    assert.is(code, 'ResourceExhausted')
    assert.match(message, /Writing the checkpoint of pipeline "stocks" in .*: ENOSPC.*Make room/)
    return true
  }
  await watchFiles(
    directory,
    async () => {
      const store = fileCheckpoints({ directory })
      let steps = 0
      for (; ; steps++) {
        await store.write(pipeline, { header: 'old', reset: false, changes: [] })
        if (!(await fill(store, steps))) break
        // Whether it is there after all must be looked up first.
        const { message } = await errorOf(store.write(pipeline, writeNumber(2)))
        assert.match(message, 'read it again before the next write')
        const stored = await store.read(pipeline)
        assert.ok(stored?.header === 'old' || stored?.header === 'new')
      }
      assert.ok(steps > 5, `${steps} steps`)
      await store.close()
    },
    { fail },
  )
})

const writer = async (directory: string): Promise<void> => {
  const store = fileCheckpoints({ directory })
  const stored = await store.read(pipeline)
  const first = stored === undefined ? 1 : (stored.header as { n: number }).n + 1 // written by writeNumber
  for (let n = first; ; n++) {
    await store.write(pipeline, writeNumber(n))
    process.send?.(n)
  }
}

test('kill -9 while it writes, again and again, loses nothing that was confirmed', async () => {
  const directory = temporaryFolder()
  let confirmed = 0
  for (let round = 0; round < 6; round++) {
    const child = fork(import.meta.filename, ['writer', directory])
    const goal = confirmed + 3 + round * 2
    await new Promise<void>((done) => {
      child.on('message', (n: number) => {
        confirmed = n
        if (n >= goal) child.kill('SIGKILL')
      })
      child.on('exit', () => done())
    })
    const stored = await withStore(directory, (store) => store.read(pipeline))
    const n = (stored?.header as { n: number }).n // written by writeNumber
    assert.ok(n === confirmed || n === confirmed + 1, `${n} after ${confirmed}`)
    assert.equal(plain(stored), plain(checkpointAfter(n)))
  }
})

if (process.argv[2] === 'writer') void writer(process.argv[3] ?? '')
else test.run()
