// A trading day in virtual time, with faults, on each of 200 seeds: the tables are those that the journal says, by the reference interpreter.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareDay, type DayTally } from './day/compare-day.js'
import { planOf } from './day/plan.js'
import { runDay } from './day/run-day.js'
import { newWorld } from './day/world.js'

// MILLRACE_SEED=17: only that day. MILLRACE_DAYS=2000: more of them. MILLRACE_FIRST_SEED: others.
const { MILLRACE_SEED, MILLRACE_DAYS = '200', MILLRACE_FIRST_SEED = '1' } = process.env
const first = Number(MILLRACE_SEED ?? MILLRACE_FIRST_SEED)
const days = MILLRACE_SEED === undefined ? Number(MILLRACE_DAYS) : 1

const test = suite('live, a trading day with faults')

const MOST_SHOWN = 10

const tally: DayTally = { bars: 0, incomplete: 0, late: 0, deadLetters: 0, gaps: 0, silences: 0, lives: 0, unheard: 0 }

const liveThrough = async (seed: number): Promise<readonly string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-day-'))
  try {
    const plan = planOf(seed)
    const world = newWorld(plan.isHosted)
    return await compareDay(folder, plan.end === 'complete', world, await runDay(plan, world, folder), tally)
  } catch (error) {
    return [`failed: ${error instanceof Error ? error.stack : String(error)}`]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test(`${days} days from seed ${first} on`, async () => {
  for (let seed = first; seed < first + days; seed++) {
    const found = await liveThrough(seed)
    const again = `day ${seed} differs; again with:  MILLRACE_SEED=${seed} node examples/stocks/dist-test/live-day.test.js`
    if (found.length > 0) throw new Error([again, ...found.slice(0, MOST_SHOWN), ...(found.length > MOST_SHOWN ? [`and ${found.length - MOST_SHOWN} more`] : [])].join('\n'))
  }
})

test('there was much to get wrong', () => {
  console.log(JSON.stringify(tally))
  if (days < 100) return
  assert.ok(tally.lives > 1.5 * days && tally.gaps > 2 * days && tally.silences > 10 * days, 'restarts, gaps, silence')
  assert.ok(tally.late > days && tally.deadLetters > 2 * days, 'dead letters')
  assert.ok(tally.incomplete > days && tally.incomplete < tally.bars / 2, 'bars that are complete, and others')
  assert.ok(tally.unheard < days / 20, 'runs that died before their last word')
})

test.run()
