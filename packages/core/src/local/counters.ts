import type { Ledger } from '../delivery/ledger.js'
import type { Compiled } from './compile.js'
import type { Intake } from './intake.js'
import { noCounts, type Counts, type Operator } from './operator.js'

const names = Object.keys(noCounts()) as (keyof Counts)[] // as: noCounts has exactly these keys

/** One operator's counters as they go into a checkpoint: received, counts, then what was sent to each output. */
const saveOperator = (operator: Operator): number[] => [operator.received, ...names.map((name) => operator.counts[name]), ...operator.sent]

const restoreOperator = (operator: Operator, saved: readonly number[]): void => {
  operator.received = saved[0] ?? 0
  names.forEach((name, i) => (operator.counts[name] = saved[i + 1] ?? 0))
  operator.sent.forEach((_, i) => (operator.sent[i] = saved[i + 1 + names.length] ?? 0))
}

/** Where records and dead letters cross a port that is not between two operators. */
export interface EdgeCounts {
  /** Dead letters that their sink has taken. */
  deadLettersWritten: number
}

/** All counters of a run, as data. What still waits in a queue is left out: it will be read again. */
export const saveCounters = (compiled: Compiled, intakes: ReadonlyMap<string, Intake>, edges: EdgeCounts): Record<string, readonly number[]> => {
  const saved: Record<string, readonly number[]> = { deadLetters: [edges.deadLettersWritten] }
  for (const operator of compiled.operators) saved[`stage ${operator.stage}`] = saveOperator(operator)
  for (const [read, intake] of intakes) saved[`intake ${read}`] = [intake.produced - intake.queued]
  return saved
}

/** Puts the counters of every stage and port back to where a checkpoint saw them. */
export const restoreCounters = (compiled: Compiled, intakes: ReadonlyMap<string, Intake>, edges: EdgeCounts, saved: Readonly<Record<string, readonly number[]>>): void => {
  edges.deadLettersWritten = saved['deadLetters']?.[0] ?? 0
  for (const operator of compiled.operators) restoreOperator(operator, saved[`stage ${operator.stage}`] ?? [])
  for (const [read, intake] of intakes) intake.produced = saved[`intake ${read}`]?.[0] ?? 0
}

const unaccountedBetween = (operators: readonly Operator[]): number => {
  let sum = 0
  const received = new Map<Operator, number>()
  for (const operator of operators) operator.outputs.forEach((output, i) => received.set(output, (received.get(output) ?? 0) + (operator.sent[i] ?? 0)))
  for (const [output, sent] of received) sum += Math.abs(sent - output.received)
  return sum
}

/** Reads the ledger off the counters. */
export const readLedger = (compiled: Compiled, intakes: ReadonlyMap<string, Intake>, edges: EdgeCounts, waitingDeadLetters: number): Ledger => {
  const total = noCounts()
  let inFlight = 0
  for (const operator of compiled.operators) {
    for (const name of names) total[name] += operator.counts[name]
    inFlight += operator.pending()
  }
  let unaccounted = unaccountedBetween(compiled.operators) + Math.abs(total.deadLettered - edges.deadLettersWritten - waitingDeadLetters)
  for (const { operator } of compiled.writes) unaccounted += Math.abs(operator.received - operator.counts.delivered - operator.counts.deadLettered - operator.pending())
  for (const { stage, operator } of compiled.reads) {
    const intake = intakes.get(stage.name)
    if (intake !== undefined) unaccounted += Math.abs(intake.produced - operator.received - intake.queued)
  }
  const { delivered: _, ...counts } = total
  const delivered = Object.fromEntries(compiled.writes.map(({ stage, operator }) => [stage.name, operator.counts.delivered]))
  return { ...counts, delivered, inFlight, unaccounted }
}

/** Before anything was opened. */
export const noLedger: Ledger = { ...noCounts(), delivered: {}, inFlight: 0, unaccounted: 0 }
