import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Data, systemRandom } from '@millrace/core'
import { duckdbCheckpoint, queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bar, barsTable, inFolder, open, refusalOf, rowOf, runSql } from './support.js'

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

test('a checkpoint can be read beside its pipeline and after it, and is none in a file of somebody else', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    assert.is(await duckdbCheckpoint(path, 'p'), undefined)
    await opened.commit({}, { header: 7, changes: [new Uint8Array([1])] })
    const expected = { header: 7, changes: [new Uint8Array([1])] }
    const plain = async (pipeline: string) => {
      const stored = await duckdbCheckpoint(path, pipeline)
      return stored && { header: stored.header, changes: stored.changes.map((bytes) => new Uint8Array(bytes)) }
    }
    assert.equal([await plain('p'), await plain('q')], [expected, undefined])
    await opened.close()
    assert.equal([await plain('p'), await plain('q')], [expected, undefined])
    const foreign = join(folder, 'b.duckdb')
    await runSql(foreign, 'CREATE TABLE t (n INTEGER)')
    assert.is(await duckdbCheckpoint(foreign, 'p'), undefined)
  }),
)

test('a query only reads, whoever has the file open, and says what is wrong with its path', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    assert.match((await refusalOf(() => queryDuckdb(path, 'SELECT 1'))).message, /a\.duckdb does not exist: check the path, or run the pipeline that writes it first/)
    const opened = await open([barsTable(path)])
    await opened.commit({ bars: [rowOf(bar('A', 1))] })
    const attempt = () => queryDuckdb(path, 'DELETE FROM bars')
    assert.match((await refusalOf(attempt)).message, /Only reading is possible here/)
    await opened.close()
    assert.match((await refusalOf(attempt)).message, /Only reading is possible here/)
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 1 }])
  }),
)

test.run()
