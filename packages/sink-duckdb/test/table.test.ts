import { join } from 'node:path'
import { duckdbDeadLetters, queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bar, Bar, barsTable, inFolder, open, rowOf, T0 } from './support.js'

const test = suite('table')
void Bar

test('rows', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path), duckdbDeadLetters({ path })])
    console.log(await opened.commit({ bars: [rowOf(bar('A', 0)), rowOf(bar('A', 1))] }, {header:{a:1},changes:[new Uint8Array([1,2])]}))
    console.log(await opened.commit({ bars: [rowOf(bar('A', 0,5)), rowOf(bar('A', 2)), rowOf(bar('A', 0,6))] }, {header:{a:2}}))
    console.log(await queryDuckdb(path,'select * from bars order by window_start'), T0)
    console.log(await opened.host.readCheckpoint('p'))
    console.log(await queryDuckdb(path,'select table_name, sql from duckdb_tables()'))
    await opened.close()
    assert.is(1,1)
  }),
)
test.run()
