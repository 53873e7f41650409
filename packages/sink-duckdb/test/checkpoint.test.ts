import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Data, systemRandom } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { barsTable, inFolder, open } from './support.js'

const test = suite('checkpoint')

const noise = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, () => systemRandom() * 256)

test('a checkpoint comes back as it was written: the last header, and the changes since the last reset', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    assert.is(await opened.host.readCheckpoint('p'), undefined)
    const header: Data = { n: NaN, i: Infinity, big: 2 ** 53, bytes: new Uint8Array([0, 255]), text: 'a\0\u{1F600}', deep: [[{}]] }
    const changes = [noise(100_000), new Uint8Array(0), noise(16_384), noise(1), noise(16_385)]
    await opened.commit({}, { header: 1, changes: changes.slice(0, 2) })
    await opened.commit({}, { header: 2 })
    await opened.commit({}, { header, changes: changes.slice(2) })
    const read = await opened.host.readCheckpoint('p')
    assert.equal(read?.header, header)
    assert.equal(read?.changes.map((bytes) => [...bytes]), changes.map((bytes) => [...bytes]))
    assert.is(await opened.host.readCheckpoint('q'), undefined)
    await opened.commit({}, { header: 4, reset: true, changes: [new Uint8Array([7])] })
    await opened.commit({}, { header: 5, changes: [new Uint8Array([8])] })
    await opened.close()
    const again = await open([barsTable(path)])
    const last = await again.host.readCheckpoint('p')
    assert.equal([last?.header, last?.changes.map((bytes) => [...bytes])], [5, [[7], [8]]])
    await again.close()
  }),
)

test('pipelines of one file have checkpoints of their own', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const [p, q] = [await open([barsTable(path)], 'p'), await open([barsTable(path)], 'q')]
    await p.commit({}, { header: 'p', changes: [new Uint8Array([1])] })
    await q.commit({}, { header: 'q', reset: true, changes: [new Uint8Array([2])] })
    assert.equal((await p.host.readCheckpoint('p'))?.header, 'p')
    assert.is((await p.host.readCheckpoint('p'))?.changes.length, 1)
    assert.equal((await q.host.readCheckpoint('q'))?.header, 'q')
    await p.close()
    assert.equal((await q.host.readCheckpoint('p'))?.header, 'p')
    await q.close()
  }),
)

test('the file does not grow with the number of epochs: 300 of 1 MB, emptied every 20', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    const changes = [noise(1_000_000)]
    let most = 0
    for (let epoch = 0; epoch < 300; epoch++) {
      await opened.commit({}, { header: epoch, reset: epoch % 20 === 0, changes })
      const log = existsSync(`${path}.wal`) ? statSync(`${path}.wal`).size : 0
      most = Math.max(most, statSync(path).size + log)
    }
    await opened.close()
    // 20 MB live, as much again that is being replaced, and 16 MB of log.
    assert.ok(most < 100e6, `${most} bytes`)
  }),
)

test.run()
