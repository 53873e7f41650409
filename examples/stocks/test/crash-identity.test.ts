// What a killed run was about to read is known before anything is read again: only the same files go on, others are refused.
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RefusedError, runLocal, type RunSummary } from '@millrace/core'
import { crashAtVariable } from '@millrace/core/testing'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batch } from '#src/pipeline.js'
import { differencesOf } from './crash/contents.js'
import { runProgram } from './crash/run-program.js'
import { lonelyTrades, smallFolder } from './crash/small-folder.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('the identity of a killed run')
const program = fileURLToPath(new URL('crash/backfill-program.js', import.meta.url))

interface Killed {
  readonly folder: string
  readonly input: string
  /** What the killed run left, under a new name. */
  readonly leftovers: (name: string) => string
}

const copyDatabase = (from: string, to: string): void => {
  for (const suffix of ['', '.wal']) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
}

/** A run that is killed in its middle, with dead letters committed and no bar yet. */
const afterKill = (check: (killed: Killed) => Promise<void>): (() => Promise<void>) =>
  inTemporaryFolder(async (folder) => {
    const [input, directory] = [join(folder, 'input'), join(folder, 'killed')]
    smallFolder(input)
    mkdirSync(directory)
    // How much one commit holds is the runtime's affair: later and later, until there are dead letters.
    for (let nth = 8; ; nth += 8) {
      rmSync(directory, { recursive: true })
      mkdirSync(directory)
      const end = await runProgram(program, [input, directory], { [crashAtVariable]: `store.commitEpoch:after#${nth}` }).catch(String)
      assert.match(String(end), 'SIGKILL', 'no commit left dead letters and no bars')
      if ((await queryDuckdb(join(directory, 'stocks.duckdb'), 'FROM dead_letters')).length > 0) break
    }
    assert.equal(await queryDuckdb(join(directory, 'stocks.duckdb'), 'FROM bars'), [], 'the kill came too late')
    const leftovers = (name: string): string => {
      const db = join(folder, name)
      copyDatabase(join(directory, 'stocks.duckdb'), db)
      return db
    }
    await check({ folder, input, leftovers })
  })

const run = (paths: readonly string[], db: string, replace = false): Promise<RunSummary> => runLocal(batch, { paths: [...paths], db }, { replace }).done

const refusal = async (attempt: Promise<RunSummary>): Promise<RefusedError> => {
  try {
    await attempt
  } catch (error) {
    if (error instanceof RefusedError) return error
    throw error
  }
  throw new Error('it should have been refused')
}

const REMEDY = /(Run it|Put the file back as it was and run) again with exactly the same files and it goes on where it stopped, or ask for replace \(`replace: true`, on a command line --replace\)/

test('some of its files, more files, a touched and a grown file are refused, and nothing is changed', afterKill(async ({ folder, input, leftovers }) => {
  const db = leftovers('refused.duckdb')
  const more = join(folder, 'more.ndjson')
  writeFileSync(more, lonelyTrades('MORE', 0, 3))
  const file = join(input, 'lonely.ndjson')
  const check = async (paths: readonly string[]): Promise<void> => {
    const { message, _tag } = await refusal(run(paths, db))
    assert.is(_tag, 'UnfinishedRun', message)
    assert.match(message, REMEDY)
  }
  await check([file])
  await check([input, more])
  await check([more])
  const past = new Date(1_700_000_000_000)
  utimesSync(file, past, past)
  await check([input])
  writeFileSync(file, lonelyTrades('LONE', 0, 9_001))
  await check([input])
  assert.equal(await differencesOf(db, leftovers('as-it-was.duckdb')), [])
}))

test('the same files by another path go on, and asked once more there is nothing to do', afterKill(async ({ folder, input, leftovers }) => {
  const [db, undisturbed, link] = [leftovers('resumed.duckdb'), join(folder, 'undisturbed.duckdb'), join(folder, 'link')]
  symlinkSync(input, link)
  const resumed = await run([link], db)
  assert.ok(resumed.run.resumed)
  const { total } = await run([input], undisturbed)
  assert.equal(resumed.total, total)
  assert.ok(resumed.thisRun.read < total.read)
  assert.equal(await differencesOf(db, undisturbed), [])
  const again = await run([input], db)
  assert.is(again.run.outcome, 'alreadyDone')
  assert.is(again.thisRun.read, 0)
  assert.equal(again.total, total)
}))

test('with replace exactly the paths given are run, and what dropped out is named', afterKill(async ({ folder, input, leftovers }) => {
  const [db, fresh, file] = [leftovers('replaced.duckdb'), join(folder, 'fresh.duckdb'), join(input, 'lonely.ndjson')]
  assert.ok((await queryDuckdb(db, 'FROM dead_letters')).length > 0, 'nothing to be replaced')
  const { run: outcome, total } = await run([file], db, true)
  assert.is(outcome.droppedOut.length, 4)
  assert.equal(total, (await run([file], fresh)).total)
  assert.equal(await differencesOf(db, fresh), [])
}))

test.run()
