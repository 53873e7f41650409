import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs'
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

test('a checkpoint that is damaged ends clearly: the file, what is wrong, and what to do; and nothing is begun', () =>
  inFolder(async (folder) => {
    const damages = [
      ["UPDATE millrace.checkpoints SET header = '\\xC1\\x00'::BLOB", 'not packed data'],
      ["UPDATE millrace.checkpoints SET header = ''::BLOB", 'not packed data'],
      ['DELETE FROM millrace.checkpoints WHERE part = 0', 'a part of it is missing'],
      ['INSERT INTO millrace.checkpoints FROM millrace.checkpoints', 'there twice'],
      ['DELETE FROM millrace.state_log WHERE part = 1', 'a part of it is missing'],
      ['DELETE FROM millrace.state_log WHERE seq = 1', 'a part of it is missing'],
      ['DELETE FROM millrace.state_log WHERE seq = 0', 'a part of it is missing'],
      ['DELETE FROM millrace.checkpoints', 'its header is missing'],
    ] as const
    for (const [k, [statement, why]] of damages.entries()) {
      const path = join(folder, `${k}.duckdb`)
      const opened = await open([barsTable(path)])
      await opened.commit({}, { header: 'x'.repeat(40_000), changes: [noise(40_000), noise(10), noise(10)] })
      await opened.close()
      await runSql(path, statement)
      const again = await open([barsTable(path)])
      for (const attempt of [() => again.host.readCheckpoint('p'), () => duckdbCheckpoint(path, 'p')]) {
        const error = await refusalOf(attempt)
        assert.equal([error._tag, error.code], ['Checkpoint', 'DataLoss'], statement)
        assert.match(error.message, `The checkpoint of pipeline "p" in ${path} is damaged: `)
        assert.match(error.message, why)
        assert.match(error.message, 'restore the file from a copy, or begin in a new one')
      }
      await again.close()
    }
  }),
)

test('a block of the file that is damaged is told when it is read', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    await opened.commit({}, { header: 1, changes: [noise(2_000_000)] })
    await opened.close()
    const fd = openSync(path, 'r+')
    writeSync(fd, noise(64), 0, 64, 1_000_000)
    closeSync(fd)
    const again = await open([barsTable(path)])
    const error = await refusalOf(() => again.host.readCheckpoint('p'))
    assert.equal([error._tag, error.code], ['Damaged', 'DataLoss'], error.message)
    assert.match(error.message, `${path} is damaged. Nothing more was acknowledged: restore it from a copy, or begin in a new file`)
    await again.close()
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
