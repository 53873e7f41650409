import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Bar, bar, barsTable, deadLetter, inFolder, letters, oddTable, open, type Opened, rowOf, runSql } from './support.js'

const test = suite('runs')

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  // The flag adds the function to contexts that are made from now on.
  const collect = runInNewContext('gc') as () => void
  collect()
}

const inFile = (work: (opened: Opened, path: string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path), letters(path)])
    await work(opened, path)
    await opened.close()
  })

const bars = (...some: readonly Bar[]) => ({ bars: some.map((one) => rowOf(one)) })

const closes = async (path: string): Promise<readonly string[]> => {
  const sql = "SELECT symbol || ' ' || ((epoch_ms(window_start) - 1700000000000) // 5000) || ' ' || close AS shown FROM bars ORDER BY ALL"
  return (await queryDuckdb(path, sql)).map(({ shown }) => String(shown))
}

const owned = async (path: string): Promise<readonly string[]> => {
  const sql =
    "SELECT run || ' ' || symbol || ' ' || ((epoch_ms(window_start) - 1700000000000) // 5000) AS shown " +
    'FROM millrace.owned_bars JOIN millrace.runs ON number = millrace_run ORDER BY ALL'
  return (await queryDuckdb(path, sql)).map(({ shown }) => String(shown))
}

test('outside of runs a row replaces the one with its key, in the table and in the epoch', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0, 1), bar('A', 1, 1), bar('A', 0, 2)))
    assert.equal(await closes(path), ['A 0 2.0', 'A 1 1.0'])
    await opened.commit(bars(bar('A', 1, 3), bar('B', 0, 1), bar('A', 1, 4)))
    assert.equal(await closes(path), ['A 0 2.0', 'A 1 4.0', 'B 0 1.0'])
    for (const close of [5, 6, 7]) await opened.commit(bars(bar('A', 0, close)))
    assert.equal(await closes(path), ['A 0 7.0', 'A 1 4.0', 'B 0 1.0'])
  }),
)

test('a run owns what it writes, and may write it again', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0), bar('A', 1)), { run: { id: 'one' } })
    assert.equal(await opened.commit(bars(bar('A', 1, 9), bar('A', 2)), { run: { id: 'one' } }), { _tag: 'Committed', replaced: [] })
    assert.equal(await closes(path), ['A 0 1.0', 'A 1 9.0', 'A 2 1.0'])
    assert.equal(await owned(path), ['one A 0', 'one A 1', 'one A 2'])
  }),
)

test("another run's key is a conflict that names run and row, and nothing is written", () =>
  inFile(async (opened, path) => {
    await opened.commit({ ...bars(bar('A', 0)), dead_letters: [rowOf(deadLetter('d1'))] }, { run: { id: 'one' }, header: 1 })
    const result = await opened.commit(
      { ...bars(bar('B', 0), bar('A', 0, 5)), dead_letters: [rowOf(deadLetter('d2'))] },
      { run: { id: 'two' }, header: 2, changes: [new Uint8Array(1)] },
    )
    assert.equal(result, {
      _tag: 'Conflict', owner: 'one', example: 'bars symbol=A window_start=2023-11-14T22:13:20.000Z lane=batch',
    })
    assert.equal(await closes(path), ['A 0 1.0'])
    assert.equal(await owned(path), ['one A 0'])
    assert.equal(await queryDuckdb(path, 'SELECT dead_letter_id FROM dead_letters'), [{ dead_letter_id: 'd1' }])
    assert.equal(await opened.host.readCheckpoint('p'), { header: 1, changes: [] })
  }),
)

test('a dead letter of another run is a conflict too', () =>
  inFile(async (opened) => {
    await opened.commit({ dead_letters: [rowOf(deadLetter('d1'))] }, { run: { id: 'one' } })
    const result = await opened.commit({ dead_letters: [rowOf(deadLetter('d1'))] }, { run: { id: 'two' } })
    assert.equal(result, { _tag: 'Conflict', owner: 'one', example: 'dead_letters dead_letter_id=d1' })
  }),
)

test('a row outside of any run is a conflict without an owner; with replace it is overwritten', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0)))
    const result = await opened.commit(bars(bar('A', 0, 2)), { run: { id: 'two' } })
    assert.is(result._tag, 'Conflict')
    assert.is(result._tag === 'Conflict' && result.owner, undefined)
    assert.equal(await opened.commit(bars(bar('A', 0, 2)), { run: { id: 'two', replace: true } }), { _tag: 'Committed', replaced: [] })
    assert.equal(await closes(path), ['A 0 2.0'])
    assert.equal(await owned(path), ['two A 0'])
  }),
)

test('the same run id in another pipeline is another run', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const [p, q] = [await open([barsTable(path)], 'p'), await open([barsTable(path)], 'q')]
    await p.commit(bars(bar('A', 0)), { run: { id: 'one' } })
    assert.is((await q.commit(bars(bar('A', 0)), { run: { id: 'one' } }))._tag, 'Conflict')
    await p.close()
    await q.close()
  }),
)

test('replace deletes everything of the runs that are touched, in all tables, and nothing else', () =>
  inFile(async (opened, path) => {
    await opened.commit({ ...bars(bar('A', 0), bar('A', 1)), dead_letters: [rowOf(deadLetter('d1'))] }, { run: { id: 'one' } })
    await opened.commit(bars(bar('B', 0)), { run: { id: 'two' } })
    await opened.commit({ ...bars(bar('C', 0)), dead_letters: [rowOf(deadLetter('d3'))] }, { run: { id: 'three' } })
    const result = await opened.commit(bars(bar('A', 1, 7), bar('C', 0, 7), bar('D', 0)), { run: { id: 'four', replace: true } })
    assert.equal(result, { _tag: 'Committed', replaced: ['one', 'three'] })
    assert.equal(await closes(path), ['A 1 7.0', 'B 0 1.0', 'C 0 7.0', 'D 0 1.0'])
    assert.equal(await owned(path), ['four A 1', 'four C 0', 'four D 0', 'two B 0'])
    assert.equal(await queryDuckdb(path, 'FROM dead_letters'), [])
    // Its rows are free again.
    assert.is((await opened.commit(bars(bar('A', 0)), { run: { id: 'five' } }))._tag, 'Committed')
  }),
)

test('what is known to be replaced goes with the last epoch; what was rewritten meanwhile stays', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0), bar('A', 1), bar('A', 2)), { run: { id: 'old' } })
    const run = { id: 'new', replaces: ['old', 'never seen'] }
    assert.equal(await opened.commit(bars(bar('A', 0, 8)), { run }), { _tag: 'Committed', replaced: [] })
    assert.equal(await closes(path), ['A 0 8.0', 'A 1 1.0', 'A 2 1.0'])
    assert.equal(await opened.commit(bars(bar('A', 1, 8)), { run: { ...run, last: true } }), { _tag: 'Committed', replaced: ['old'] })
    assert.equal(await closes(path), ['A 0 8.0', 'A 1 8.0'])
    assert.equal(await owned(path), ['new A 0', 'new A 1'])
  }),
)

test('the last epoch replaces what is known also when nothing of it is touched', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0)), { run: { id: 'old' } })
    const run = { id: 'new', replace: true, replaces: ['old'], last: true }
    assert.equal(await opened.commit(bars(bar('B', 0)), { run }), { _tag: 'Committed', replaced: ['old'] })
    assert.equal(await closes(path), ['B 0 1.0'])
    assert.equal(await opened.commit({}, { run }), { _tag: 'Committed', replaced: [] })
  }),
)

test('a row that is overwritten outside of runs belongs to nobody', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0), bar('A', 1)), { run: { id: 'one' } })
    await opened.commit(bars(bar('A', 0, 3)))
    assert.equal(await owned(path), ['one A 1'])
    await opened.host.rollbackRun('p', 'one', { header: null, reset: true, changes: [] })
    assert.equal(await closes(path), ['A 0 3.0'])
  }),
)

test('rolling a run back deletes its rows and writes the checkpoint', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('B', 0)), { run: { id: 'two' } })
    await opened.commit({ ...bars(bar('A', 0)), dead_letters: [rowOf(deadLetter('d1'))] }, { run: { id: 'one' }, changes: [new Uint8Array(3)] })
    await opened.host.rollbackRun('p', 'one', { header: { back: true }, reset: true, changes: [] })
    assert.equal(await closes(path), ['B 0 1.0'])
    assert.equal(await queryDuckdb(path, 'FROM dead_letters'), [])
    assert.equal(await opened.host.readCheckpoint('p'), { header: { back: true }, changes: [] })
    await opened.host.rollbackRun('p', 'unknown', { header: 2, reset: false, changes: [] })
    assert.is((await opened.commit(bars(bar('A', 0)), { run: { id: 'three' } }))._tag, 'Committed')
  }),
)

test('a key column may have any name', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([oddTable(path)])
    const row = (x: number) => ({ 'odd ones': [rowOf({ run: 'r', number: 1, ord: 'o', 'a "b"': 'c', x })] })
    await opened.commit(row(1), { run: { id: 'one' } })
    const conflict = await opened.commit(row(2), { run: { id: 'two' } })
    assert.equal(conflict, { _tag: 'Conflict', owner: 'one', example: 'odd ones run=r number=1 ord=o a "b"=c' })
    assert.equal(await opened.commit(row(3), { run: { id: 'two', replace: true } }), { _tag: 'Committed', replaced: ['one'] })
    await opened.commit(row(4))
    assert.equal(await queryDuckdb(path, 'SELECT x FROM "odd ones"'), [{ x: 4 }])
    await opened.close()
  }),
)

test('dropping the table by hand frees its keys', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const first = await open([barsTable(path)])
    await first.commit(bars(bar('A', 0)), { run: { id: 'one' } })
    await first.close()
    await runSql(path, 'DROP TABLE bars')
    const second = await open([barsTable(path)])
    await second.commit(bars(bar('A', 0, 2)), { run: { id: 'two' } })
    await second.host.rollbackRun('p', 'one', { header: null, reset: false, changes: [] })
    assert.equal(await closes(path), ['A 0 2.0'])
    await second.close()
  }),
)

test('what an epoch that failed had appended does not come later', () =>
  inFile(async (opened, path) => {
    await opened.commit(bars(bar('A', 0)), { run: { id: 'one' } })
    for (let i = 0; i < 20; i++) {
      await opened.commit(bars(...Array.from({ length: 50 }, (_, k) => bar('B', k)), bar('A', 0, 2)), { run: { id: 'two' } })
    }
    // Appenders that were forgotten write what they hold when they are collected.
    collectGarbage()
    await opened.commit({}, { header: 3 })
    assert.equal(await closes(path), ['A 0 1.0'])
  }),
)

test('an epoch for a sink that is not open is an error that names it', () =>
  inFile(async (opened) => {
    try {
      await opened.commit({ nothing: [rowOf({})] })
      assert.unreachable()
    } catch (error) {
      assert.match(String(error), 'no open sink "nothing" of pipeline "p"')
    }
  }),
)

test.run()
