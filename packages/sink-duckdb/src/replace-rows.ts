import type { DuckDBConnection } from '@duckdb/node-api'
import type { Row } from '@millrace/core'
import { appendRows } from './append-rows.js'
import { deleteRun, type KnownRun, type Session } from './runs.js'
import { HIDDEN_SCHEMA } from './sql-text.js'
import type { TablePlan } from './table-plan.js'

/** What a bounded run may do to the rows of others. */
export interface Claim {
  readonly me: KnownRun
  readonly replace: boolean
  /** Runs that are to be replaced whole: their keys are taken over without being asked. */
  readonly replaces: readonly KnownRun[]
}

/** A staged key whose row is somebody else's. */
export interface Foreign {
  readonly owner: KnownRun | undefined
  /** Of the owner. */
  readonly pipeline?: string
  readonly example: string
}

const shownKey = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value))

/** Which rows of others are in the way: all but those to be replaced; and where a run replaces, those of other pipelines, whose runs are not its to judge. */
const inTheWay = ({ replace, replaces, me }: Claim): string => {
  if (replace) return ` AND r.pipeline <> (SELECT pipeline FROM ${HIDDEN_SCHEMA}.runs WHERE number = ${me.number})`
  const known = replaces.map(({ number }) => number)
  return known.length === 0 ? '' : ` AND (r.number IS NULL OR r.number NOT IN (${known.join(', ')}))`
}

/** Rows with an owner first, then by key: the same example every time. */
const findForeign = async (connection: DuckDBConnection, plan: TablePlan, claim: Claim): Promise<Foreign | undefined> => {
  const { key, table } = plan.definition
  const order = key.map((_, index) => index + 4).join(', ')
  const sql = `${plan.findForeign}${inTheWay(claim)} ORDER BY r.number NULLS LAST, ${order} LIMIT 1`
  const row = (await connection.runAndReadAll(sql, [claim.me.number])).getRowsJS()[0]
  if (row === undefined) return undefined
  const [number, run, pipeline, ...values] = row
  const example = [table, ...key.map((name, index) => `${name}=${shownKey(values[index])}`)].join(' ')
  if (typeof number !== 'number') return { owner: undefined, example }
  return { owner: claim.replace ? undefined : { number, run: String(run) }, pipeline: String(pipeline), example }
}

const deleteOwnersOfStaged = async (session: Session, plan: TablePlan, claim: Claim): Promise<readonly string[]> => {
  const sql = `SELECT DISTINCT owner_number, owner_run FROM (${plan.findForeign}) WHERE owner_number IS NOT NULL ORDER BY owner_number`
  const owners = (await session.connection.runAndReadAll(sql, [claim.me.number])).getRowsJS()
  for (const [number] of owners) await deleteRun(session, Number(number))
  return owners.map(([, run]) => String(run))
}

/** What making room found. */
export interface Room {
  /** What is to be appended: the last row of each key. */
  readonly rows: readonly Row<unknown>[]
  /** Keys that were there, in the table or twice in the epoch. */
  readonly overwritten: number
  readonly replaced: readonly string[]
}

const stageKeys = async (connection: DuckDBConnection, plan: TablePlan, rows: readonly Row<unknown>[]): Promise<void> => {
  await connection.run(plan.createKeys)
  await connection.run(plan.clearKeys)
  await appendRows(connection, plan.keys, rows)
}

const lastOfEachKey = async (
  connection: DuckDBConnection, plan: TablePlan, rows: readonly Row<unknown>[],
): Promise<readonly Row<unknown>[]> => {
  const replaced = (await connection.runAndReadAll(plan.findReplaced)).getColumnsJS()[0] ?? []
  if (replaced.length === 0) return rows
  await connection.run(plan.deleteReplaced)
  const numbers = new Set(replaced)
  return rows.filter((_, index) => !numbers.has(index))
}

/**
 * Makes room in a table for rows: the last of equal keys stays, rows that are there are deleted. With a claim, rows of others
 * are a conflict, or their runs are deleted whole.
 */
export const makeRoom = async (
  session: Session, plan: TablePlan, all: readonly Row<unknown>[], claim: Claim | undefined,
): Promise<Room | Foreign> => {
  const { connection } = session
  await stageKeys(connection, plan, all)
  const rows = await lastOfEachKey(connection, plan, all)
  if (claim !== undefined) {
    const foreign = await findForeign(connection, plan, claim)
    if (foreign !== undefined) return foreign
  }
  const replaced = claim?.replace === true ? await deleteOwnersOfStaged(session, plan, claim) : []
  const there = (await connection.run(plan.deleteStaged)).rowsChanged
  if (there > 0) await connection.run(plan.disownStaged)
  return { rows, overwritten: all.length - rows.length + there, replaced }
}
