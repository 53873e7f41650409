import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runLocal } from '@millrace/core'
import { buildCase } from './build-case.js'
import { nodesOf, type CaseSpec } from './case.js'
import { expectedOf } from './compare.js'
import { Dice } from './dice.js'
import { randomCase } from './random-pipelines.js'
import { newWorld } from './world.js'

const lost = suite('a batch lost between two stages')

/** Runs to its end by itself, and is not interrupted. */
const simple = (spec: CaseSpec): CaseSpec => ({
  ...spec,
  interruptions: [],
  flaky: 0,
  reads: spec.reads.map((read) => ({ ...read, bounded: true })),
})

/** From and to of every connection. */
const edgesOf = ({ reads }: CaseSpec): readonly (readonly [string, string])[] =>
  [...reads, ...nodesOf(reads.flatMap(({ next }) => next))].flatMap(({ name, next }) =>
    next.map((to) => [name, to.name] as const),
  )

lost('shows in the ledger as unaccounted, wherever it was lost', async () => {
  let seen = 0
  for (let seed = 1; seed <= 120; seed++) {
    const spec = simple(randomCase(seed))
    const dice = new Dice(seed)
    const edge = dice.pick(edgesOf(spec))
    let crossings = dice.int(1, 3)
    let dropped = false
    const drop = (from: string, to: string): boolean => {
      if (from !== edge[0] || to !== edge[1] || --crossings !== 0) return false
      dropped = true
      return true
    }
    const world = newWorld(spec)
    const { total } = await runLocal(buildCase(spec, world), null, {
      epochMillis: 1_000,
      drop,
      ...(world.checkpoints && { checkpoints: world.checkpoints }),
    }).done
    if (dropped) seen++
    assert.is(total.unaccounted > 0, dropped, `case ${seed}, ${edge.join(' → ')}`)
    if (!dropped) assert.is(total.read, (await expectedOf(spec)).ledger.read)
  }
  assert.ok(seen > 50, `only ${seen} were dropped`)
})

lost.run()
