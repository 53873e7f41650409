import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journaled } from '@millrace/core'
import { journaledWith } from '#src/delivery/journaled.js'
import { nodeFiles, type JournalFiles } from '#src/delivery/journal/journal-files.js'
import { at, dump, dumpTexts, fill, liveSource, segmentsIn, startReading, temporaryFolder } from './journal-support.js'

const test = suite('journaled, on a disk that fails')

const failure = (code: string): Error => Object.assign(new Error(`${code}: it fails, write`), { code })

/** A disk with so much room; `stuck`: nothing can be cut off either. */
const smallDisk = (roomBytes: number, { code = 'ENOSPC', stuck = false } = {}): JournalFiles => {
  let left = roomBytes
  return {
    ...nodeFiles,
    write: (descriptor, bytes, from, to, position) => {
      if (left === 0) throw failure(code)
      // As a disk does: some of it fits.
      const written = nodeFiles.write(descriptor, bytes, from, Math.min(to, from + left), position)
      left -= written
      return written
    },
    truncate: (descriptor, length) => {
      if (stuck) throw failure('EIO')
      nodeFiles.truncate(descriptor, length)
    },
    discard: (path) => {
      if (stuck) throw failure('EIO')
      nodeFiles.discard(path)
    },
  }
}

const values = Array.from({ length: 12 }, (_, i) => `value ${i} ${'x'.repeat(i * 20)}`)

test('a disk that is full after any byte ends it clearly; what was taken before is whole, and goes on later', async () => {
  for (let room = 0; room < 2_000; room += 37) {
    for (const stuck of [false, true]) {
      const directory = temporaryFolder()
      const source = liveSource()
      const reading = startReading(journaledWith(source, { directory, maxBytes: 4_096, segmentBytes: 1_024 }, { files: smallDisk(room, { stuck }) }))
      await source.connected()
      let taken = 0
      for (const value of values) {
        source.give(value)
        // What it sees right after `next`: then it confirms nothing outside.
        if (source.open() === 0) break
        taken++
      }
      assert.ok(taken < values.length)
      await reading.ended()
      assert.is(reading.error()?.code, 'ResourceExhausted')
      assert.match(reading.error()?.message ?? '', new RegExp(`Appending to the journal in ${directory}: ENOSPC.*Make room .disk space, quota or open files. and start again`))
      assert.equal(reading.texts, values.slice(0, taken), `${room} bytes`)
      const file = segmentsIn(directory).at(-1)
      if (!stuck && file !== undefined) assert.equal(await dumpTexts(directory), values.slice(0, taken))
      const rest = values.slice(taken)
      const later = await fill(source, journaled(source, { directory }), rest)
      assert.equal(later.texts, values, `${room} bytes, ${stuck ? 'stuck' : 'cut'}: ${String(later.error())}`)
      // What could not be cut off then is cut off now, and nothing else ever is.
      if (!stuck) assert.not(later.said.join().includes('torn'))
    }
  }
})

test('what the system says is an error with what to do', async () => {
  const cases = [['EACCES', 'PermissionDenied', /Give this user the right/], ['EROFS', 'PermissionDenied', /Give this user/], ['EIO', 'DataLoss', /check it/], ['EFBIG', 'ResourceExhausted', /Make room/]] as const
  for (const [code, expected, remedy] of cases) {
    const source = liveSource()
    const reading = startReading(journaledWith(source, { directory: temporaryFolder() }, { files: smallDisk(0, { code }) }))
    await source.connected()
    source.give('a')
    await reading.ended()
    assert.is(reading.error()?.code, expected)
    assert.is(reading.error()?._tag, 'JournalFile')
    assert.match(reading.error()?.message ?? '', remedy)
  }
})

test('a sync or a removal that fails is an error of settle, and the next one does it', async () => {
  for (const which of ['syncFile', 'syncFolder', 'remove'] as const) {
    let failures = 1
    const fails = { [which]: async (path: string) => {
      if (failures-- > 0) throw failure('EIO')
      await nodeFiles[which](path)
    } }
    const directory = temporaryFolder()
    const source = liveSource()
    const journal = journaledWith(source, { directory, maxBytes: 4_096, segmentBytes: 1_024 }, { files: { ...nodeFiles, ...fails } })
    const reading = startReading(journal)
    await source.connected()
    for (const value of [...values, ...values]) source.give(value)
    await reading.until(() => reading.texts.length === 24)
    const error = await journal.settle?.('p', at(directory, 24)).then(() => undefined, (caught: Error) => caught)
    assert.match(String(error), /Making safe the journal in .*EIO/, which)
    await journal.settle?.('p', at(directory, 24))
    assert.is(segmentsIn(directory).length, 1)
    reading.leave()
  }
})

test('a directory that cannot be made or written to is refused with the remedy', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const inFile = startReading(journaled(liveSource(), { directory: join(folder, 'file', 'journal') }))
  await inFile.ended()
  assert.match(inFile.error()?.message ?? '', /A file stands where a folder is needed: choose another directory/)
  // Who may do everything is not kept out.
  if (process.getuid?.() === 0) return
  chmodSync(folder, 0o500)
  const closed = startReading(journaled(liveSource(), { directory: join(folder, 'journal') }))
  await closed.ended()
  assert.is(closed.error()?.code, 'PermissionDenied')
  chmodSync(folder, 0o700)
})

test('writes that take little at a time, and a crash in each of them', async () => {
  const directory = temporaryFolder()
  const drip: JournalFiles = { ...nodeFiles, write: (descriptor, bytes, from, to, position) => nodeFiles.write(descriptor, bytes, from, Math.min(to, from + 7), position) }
  const source = liveSource()
  assert.equal((await fill(source, journaledWith(source, { directory, maxBytes: 4_096, segmentBytes: 1_024 }, { files: drip }), values)).texts, values)
  assert.equal(await dumpTexts(directory), values)
})

test('whoever lost its lock removes nothing', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory, maxBytes: 4_096, segmentBytes: 1_024 })
  const reading = startReading(journal)
  await source.connected()
  for (const value of values) source.give(value)
  await reading.until(() => reading.texts.length === values.length)
  const before = segmentsIn(directory)
  const lock = readFileSync(join(directory, 'lock'), 'utf8')
  writeFileSync(join(directory, 'lock'), 'of another')
  const error = await journal.settle?.('p', at(directory, 12)).then(() => undefined, (caught: Error) => caught)
  assert.match(String(error), /no longer this process's/)
  assert.equal(segmentsIn(directory), before)
  writeFileSync(join(directory, 'lock'), lock)
  reading.leave()
})

const writeUntilFull = async (directory: string): Promise<void> => {
  const source = liveSource()
  const reading = startReading(journaled(source, { directory }))
  await source.connected()
  for (let i = 0; source.open() > 0; i++) source.give(`${i} ${'x'.repeat(500)}`)
  await reading.ended()
  console.log(JSON.stringify({ code: reading.error()?.code, given: reading.texts.length, message: reading.error()?.message }))
}

if (process.argv[2] === 'until full') void writeUntilFull(process.argv[3] ?? '')
else {
  const hasShell = process.platform !== 'win32'
  const onUnix: typeof test = hasShell ? test : (test.skip as typeof test) // same way to call it
  onUnix('a real limit of the system, hit in the middle of a record', async () => {
    const directory = temporaryFolder()
    const program = fileURLToPath(import.meta.url)
    const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, program, 'until full', directory], { encoding: 'utf8', timeout: 30_000 })
    assert.ok(stdout !== '', stderr)
    const end: { code: string; given: number; message: string } = JSON.parse(stdout)
    assert.is(end.code, 'ResourceExhausted')
    assert.match(end.message, /EFBIG.*Make room/)
    assert.ok(end.given > 10)
    assert.is((await dump(directory)).length, end.given)
  })
  test.run()
}


