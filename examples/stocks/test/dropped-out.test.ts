import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('files that drop out')

test('ten are named, the others counted', inTemporaryFolder(async (folder) => {
  mkdirSync(join(folder, 'trades'))
  for (let i = 0; i < 13; i++) writeFileSync(join(folder, 'trades', `${i}.ndjson`), `{"s":"S${i}","p":1,"v":1,"t":1726147800000}\n`)
  await runCli(['backfill', 'trades', '--db', 'x.duckdb'], folder)
  const { code, stdout, stderr } = await runCli(['backfill', 'trades/0.ndjson', '--db', 'x.duckdb', '--replace'], folder)
  assert.is(code, 0, stderr)
  assert.match(stdout, /^Dropped out: 12 files of earlier runs[^\n]*\n( {2}\S+\.ndjson\n){10} {2}… and 2 more\n/)
}))

test.run()
