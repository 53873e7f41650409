import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
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

const test = suite('fileCheckpoints, damaged')

const written = async (writes: number): Promise<string> => {
  const directory = temporaryFolder()
  await withStore(directory, async (store) => {
    for (let n = 1; n <= writes; n++) await store.write(pipeline, writeNumber(n))
  })
  return directory
}

const expectLoss = async (run: Promise<unknown>, directory: string, file: string): Promise<void> => {
  const { code, message } = await errorOf(run)
  assert.is(code, 'DataLoss', message)
  assert.ok(message.includes(fileOf(directory, file)), message)
  assert.match(message, /Restore the folder .* or delete that folder to begin from nothing/)
}

/** Tries every content on a file that is put back afterwards. */
const withContents = async (file: string, contents: readonly Buffer[], check: () => Promise<void>): Promise<void> => {
  const good = readFileSync(file)
  for (const content of contents) {
    writeFileSync(file, content)
    await check()
  }
  writeFileSync(file, good)
}

const cuts = (good: Buffer): readonly Buffer[] => Array.from(good, (_, length) => good.subarray(0, length))
const flips = (good: Buffer): readonly Buffer[] =>
  Array.from(good, (_, i) => {
    const bad = Buffer.from(good)
    bad.writeUInt8(bad.readUInt8(i) ^ (1 << (i % 8)), i)
    return bad
  })

for (const file of ['header', 'changes-2.log']) {
  test(`every cut and every flipped bit of ${file} is found`, async () => {
    const directory = await written(7)
    const good = readFileSync(fileOf(directory, file))
    assert.ok(good.length > 30)
    await withContents(fileOf(directory, file), [...cuts(good), ...flips(good)], () =>
      expectLoss(readFrom(directory), directory, file),
    )
    assert.equal(await readFrom(directory), plain(checkpointAfter(7)))
  })

  test(`a missing ${file} is found, and not built upon`, async () => {
    const directory = await written(7)
    rmSync(fileOf(directory, file))
    await expectLoss(readFrom(directory), directory, file)
    await expectLoss(
      withStore(directory, (store) => store.write(pipeline, writeNumber(99))),
      directory,
      file,
    )
  })
}

test('zeros in place of a record are found', async () => {
  // As some file systems leave a file after a power cut. Eight zeros must not pass for an empty record.
  const directory = temporaryFolder()
  await withStore(directory, (store) =>
    store.write(pipeline, { header: 1, reset: false, changes: [new Uint8Array(8).fill(1)] }),
  )
  writeFileSync(fileOf(directory, 'changes-1.log'), new Uint8Array(16))
  await expectLoss(readFrom(directory), directory, 'changes-1.log')
})

test('a header with something behind it is found', async () => {
  const directory = await written(2)
  appendFileSync(fileOf(directory, 'header'), 'x')
  await expectLoss(readFrom(directory), directory, 'header')
})

test('the header of another pipeline is found', async () => {
  const directory = await written(1)
  await withStore(directory, (store) => store.write('other', writeNumber(1)))
  cpSync(`${directory}/other/header`, fileOf(directory, 'header'))
  await expectLoss(readFrom(directory), directory, 'header')
})

test('what lies behind the checkpoint in the log does not count, whatever it is', async () => {
  const directory = await written(5)
  const log = fileOf(directory, 'changes-2.log')
  const good = readFileSync(log)
  const next = Buffer.concat([good, good.subarray(0, 25)])
  for (let length = good.length; length <= next.length; length++) {
    writeFileSync(log, next.subarray(0, length))
    assert.equal(await readFrom(directory), plain(checkpointAfter(5)))
  }
  await withStore(directory, (store) => store.write(pipeline, writeNumber(6)))
  await withStore(directory, (store) => store.write(pipeline, writeNumber(7)))
  assert.equal(await readFrom(directory), plain(checkpointAfter(7)))
})

test('a deleted folder begins from nothing', async () => {
  const directory = await written(3)
  rmSync(fileOf(directory, ''), { recursive: true })
  assert.is(await readFrom(directory), undefined)
})

test.run()
