import type { Row, RunSummary } from '@millrace/core'
import { interpret, type ReferenceInputs, type ReferenceResult } from '#src/testing/reference.js'
import { buildCase, inputOf } from './build-case.js'
import { canonical, differences, repeated } from './canonical.js'
import { nodesOf, sinkOf, type CaseSpec } from './case.js'
import { checkPayloads, compareDeadLetters } from './dead-letters.js'
import { checkDefinitions } from './definitions.js'
import { runAgain, runCase } from './run-case.js'
import { newWorld, rejects, type World } from './world.js'

const inputsOf = (spec: CaseSpec): ReferenceInputs => new Map(spec.reads.map((read) => [read.name, inputOf(read)]))

const compareRows = (
  sink: string,
  writes: readonly string[],
  expected: ReferenceResult,
  rows: readonly Row<unknown>[],
): readonly string[] => {
  const wanted = writes.flatMap((write) => expected.sinks.get(write) ?? []).map(({ value }) => canonical(value))
  return [
    ...differences(
      wanted,
      rows.map(({ value }) => canonical(value)),
    ).map((difference) => `${sink}: ${difference}`),
    ...repeated(
      sink,
      rows.map(({ rowId }) => rowId),
    ),
  ]
}

/** Writes by their sinks. */
const writesOf = (spec: CaseSpec): ReadonlyMap<string, readonly string[]> => {
  const writes = nodesOf(spec.reads.flatMap(({ next }) => next)).filter(({ stage }) => stage.kind === 'write')
  return new Map(
    writes.map((one) => [sinkOf(one), writes.filter((other) => sinkOf(other) === sinkOf(one)).map(({ name }) => name)]),
  )
}

const compareLedgers = (expected: ReferenceResult, { total }: RunSummary): readonly string[] => {
  const wanted = canonical({ ...expected.ledger, inFlight: 0, unaccounted: 0 })
  return canonical(total) === wanted ? [] : [`ledger: expected ${wanted}`, `ledger:      got ${canonical(total)}`]
}

/** What the runs did adds up to the total, if each of them told. */
const compareRuns = (summaries: readonly (RunSummary | undefined)[]): readonly string[] => {
  const last = summaries.at(-1)
  if (last === undefined || summaries.includes(undefined)) return []
  return (['read', 'made', 'expanded', 'filtered', 'aggregated', 'deadLettered'] as const).flatMap((column) => {
    const sum = summaries.reduce((total, summary) => total + (summary?.thisRun[column] ?? 0), 0)
    return sum === last.total[column] ? [] : [`runs: ${column} adds up to ${sum}, the total is ${last.total[column]}`]
  })
}

const compareWorlds = (spec: CaseSpec, expected: ReferenceResult, world: World): readonly string[] => [
  ...[...writesOf(spec)].flatMap(([sink, writes]) => compareRows(sink, writes, expected, world.rows(sink))),
  ...compareDeadLetters(expected, world.deadLetters()),
  ...checkPayloads(spec, world.deadLetters()),
]

const checkAgain = async (spec: CaseSpec, expected: ReferenceResult, world: World): Promise<readonly string[]> => {
  const again = await runAgain(spec, world)
  if (again === undefined) return []
  const nothing = again.thisRun.read === 0 && again.run.outcome === 'alreadyDone' ? [] : [`again: ${canonical(again)}`]
  return [...nothing, ...compareLedgers(expected, again), ...compareWorlds(spec, expected, world)].map(
    (difference) => `again: ${difference}`,
  )
}

/** What the reference interpreter makes of a case. */
export const expectedOf = (spec: CaseSpec): Promise<ReferenceResult> =>
  interpret(buildCase(spec, newWorld(spec)), null, inputsOf(spec), { rejects: rejects(spec) })

/** A run of unbounded input may die between its last checkpoint and its last word, and is not run again. */
const mayEndUnheard = ({ reads, interruptions }: CaseSpec): boolean =>
  interruptions.some(({ how }) => how === 'die') && reads.some(({ bounded }) => !bounded)

/** Runs a case both ways; answers where they differ. */
export const compareCase = async (spec: CaseSpec): Promise<readonly string[]> => {
  const expected = await expectedOf(spec)
  const world = newWorld(spec)
  try {
    const summaries = await runCase(spec, world, expected.ledger.read)
    const last = summaries.at(-1)
    const found = [
      ...compareWorlds(spec, expected, world),
      ...(last === undefined ? (mayEndUnheard(spec) ? [] : ['no summary']) : compareLedgers(expected, last)),
      ...compareRuns(summaries),
      ...checkDefinitions(spec, expected),
    ]
    return found.length > 0 ? found : await checkAgain(spec, expected, world)
  } catch (error) {
    return [`failed: ${error instanceof Error ? error.stack : String(error)}`]
  }
}
