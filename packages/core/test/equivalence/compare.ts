import type { DeadLetter, Row, RunSummary } from '@millrace/core'
import { interpret, type ReferenceInputs, type ReferenceResult } from '#src/testing/reference.js'
import { buildCase, inputOf } from './build-case.js'
import { canonical, differences } from './canonical.js'
import type { CaseSpec } from './case.js'
import { checkDefinitions } from './definitions.js'
import { runAgain, runCase } from './run-case.js'
import { newWorld, rejects, type World } from './world.js'

const inputsOf = (spec: CaseSpec): ReferenceInputs => new Map(spec.reads.map((read) => [read.name, inputOf(read)]))

const repeated = (what: string, ids: readonly string[]): readonly string[] =>
  ids.length === new Set(ids).size ? [] : [`${what}: ${ids.length - new Set(ids).size} ids more than once`]

const compareRows = (write: string, expected: ReferenceResult, rows: readonly Row<unknown>[]): readonly string[] => {
  const wanted = expected.sinks.get(write)?.map(({ value }) => canonical(value)) ?? []
  return [
    ...differences(wanted, rows.map(({ value }) => canonical(value))).map((difference) => `${write}: ${difference}`),
    ...repeated(write, rows.map(({ rowId }) => rowId)),
  ]
}

const identify = (row: DeadLetter): string =>
  [row.stage, row.stage_kind, row.source_name, row.source_partition, row.source_position, row.path].join(' | ')

const compareDeadLetters = ({ deadLetters }: ReferenceResult, rows: readonly Row<DeadLetter>[]): readonly string[] => {
  const wanted = deadLetters.map(({ stage, kind, origin, path }) =>
    [stage, kind, origin.source, origin.partition, JSON.stringify(origin.position), JSON.stringify(path)].join(' | '),
  )
  return [
    ...differences(wanted, rows.map(({ value }) => identify(value))).map((difference) => `dead letters: ${difference}`),
    ...repeated('dead letters', rows.map(({ value }) => value.dead_letter_id)),
  ]
}

const depthOf = ({ path }: DeadLetter): readonly number[] => JSON.parse(path) as number[] // as: that is what the column holds

const comparePaths = (a: DeadLetter, b: DeadLetter): number => {
  const [left, right] = [depthOf(a), depthOf(b)]
  const at = left.findIndex((part, i) => part !== right[i])
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}

const groupBy = <T>(all: readonly T[], by: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one])
  return groups
}

/** The whole record is kept once, on its row of the lowest path. */
const checkPayloads = (spec: CaseSpec, rows: readonly Row<DeadLetter>[]): readonly string[] => {
  const reads = new Set(spec.reads.map(({ name }) => name))
  const records = groupBy(
    rows.map(({ value }) => value).filter((row) => reads.has(row.source_name)),
    (row) => `${row.source_name} ${row.source_partition} ${row.source_position}`,
  )
  return [...records].flatMap(([record, all]) => {
    const carriers = all.filter((row) => row.payload_text !== null || row.payload_base64 !== null)
    const [carrier] = carriers
    if (carriers.length !== 1 || carrier === undefined) return [`payload of ${record}: on ${carriers.length} of ${all.length} rows`]
    return all.some((row) => comparePaths(row, carrier) < 0) ? [`payload of ${record}: not on the lowest path`] : []
  })
}

const compareLedgers = (expected: ReferenceResult, { total }: RunSummary): readonly string[] => {
  const wanted = canonical({ ...expected.ledger, inFlight: 0, unaccounted: 0 })
  return canonical(total) === wanted ? [] : [`ledger: expected ${wanted}`, `ledger:      got ${canonical(total)}`]
}

const compareWorlds = (spec: CaseSpec, expected: ReferenceResult, world: World): readonly string[] => [
  ...[...expected.sinks.keys()].flatMap((write) => compareRows(write, expected, world.rows(write))),
  ...compareDeadLetters(expected, world.deadLetters()),
  ...checkPayloads(spec, world.deadLetters()),
]

const checkAgain = async (spec: CaseSpec, expected: ReferenceResult, world: World): Promise<readonly string[]> => {
  const again = await runAgain(spec, world)
  if (again === undefined) return []
  const nothing = again.thisRun.read === 0 && again.run.outcome === 'alreadyDone' ? [] : [`again: ${canonical(again)}`]
  return [...nothing, ...compareLedgers(expected, again), ...compareWorlds(spec, expected, world)].map((difference) => `again: ${difference}`)
}

/** What the reference interpreter makes of a case. */
export const expectedOf = (spec: CaseSpec): Promise<ReferenceResult> =>
  interpret(buildCase(spec, newWorld(spec)), null, inputsOf(spec), { rejects: rejects(spec) })

/** Runs a case both ways; answers where they differ. */
export const compareCase = async (spec: CaseSpec): Promise<readonly string[]> => {
  const expected = await expectedOf(spec)
  const world = newWorld(spec)
  try {
    const summary = await runCase(spec, world, expected.ledger.read)
    const found = [...compareWorlds(spec, expected, world), ...compareLedgers(expected, summary), ...checkDefinitions(spec, expected)]
    return found.length > 0 ? found : await checkAgain(spec, expected, world)
  } catch (error) {
    return [`failed: ${error instanceof Error ? error.stack : String(error)}`]
  }
}
