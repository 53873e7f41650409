import { inspect, isDeepStrictEqual } from 'node:util'

const maxShown = 20

/** A value on one line, as code would write it. */
export const shown = (value: unknown): string => inspect(value, { depth: 8, breakLength: Infinity, compact: true, maxStringLength: 500, maxArrayLength: 100, sorted: true })

/** How the rows that came were paired with those expected, in any order. */
export interface Pairing {
  readonly missing: readonly unknown[]
  readonly unexpected: readonly unknown[]
}

/** Whether a row is what was expected. */
export type Matches = (actual: unknown, expected: unknown) => boolean

/** Equal in every field, in any order of fields. */
export const equal: Matches = (actual, expected) => isDeepStrictEqual(actual, expected)

/** What is equal looks equal: only rows that look like it need be compared. */
const pairEqual = (actual: readonly unknown[], expected: readonly unknown[]): Pairing => {
  const free = new Map<string, unknown[]>()
  for (const row of actual) {
    const alike = free.get(shown(row))
    if (alike === undefined) free.set(shown(row), [row])
    else alike.push(row)
  }
  const missing = expected.filter((wanted) => {
    const alike = free.get(shown(wanted)) ?? []
    const index = alike.findIndex((row) => equal(row, wanted))
    if (index >= 0) alike.splice(index, 1)
    return index < 0
  })
  return { missing, unexpected: [...free.values()].flat() }
}

/** By index of a row: which expectation has it. */
type Taken = Map<number, number>

/** Finds a row for one more expectation, if need be by giving others another (breadth first: there may be many). */
const findRow = (wanted: number, taken: Taken, count: number, matches: (row: number, wanted: number) => boolean): boolean => {
  const reachedFrom = new Map<number, number>()
  const rowOf = new Map(Array.from(taken, ([row, holder]) => [holder, row]))
  const queue = [wanted]
  for (let holder = queue.shift(); holder !== undefined; holder = queue.shift()) {
    for (let row = 0; row < count; row++) {
      if (reachedFrom.has(row) || !matches(row, holder)) continue
      reachedFrom.set(row, holder)
      const other = taken.get(row)
      if (other !== undefined) queue.push(other)
      else {
        // Each on the way takes the row that was found for it, and leaves its own to the one before.
        for (let free: number | undefined = row; free !== undefined; ) {
          const taker = reachedFrom.get(free) as number // as: it was reached just now
          const left = rowOf.get(taker)
          taken.set(free, taker)
          free = left
        }
        return true
      }
    }
  }
  return false
}

/** Pairs as many as can be: a row that fits several expectations is left to the one that nothing else fits. */
const pairFitting = (actual: readonly unknown[], expected: readonly unknown[], matches: Matches): Pairing => {
  const taken: Taken = new Map()
  const missing = expected.filter((_, wanted) => !findRow(wanted, taken, actual.length, (row, holder) => matches(actual[row], expected[holder])))
  return { missing, unexpected: actual.filter((_, row) => !taken.has(row)) }
}

/** Pairs rows with what was expected, in any order. */
export const pair = (actual: readonly unknown[], expected: readonly unknown[], matches: Matches): Pairing =>
  matches === equal ? pairEqual(actual, expected) : pairFitting(actual, expected, matches)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const fieldFits = (actual: unknown, expected: unknown): boolean => (expected instanceof RegExp && typeof actual === 'string' ? expected.test(actual) : isDeepStrictEqual(actual, expected))

/** Every field that was given is equal, or the text fits the expression. */
export const fits: Matches = (actual, expected) => isObject(actual) && isObject(expected) && Object.entries(expected).every(([field, wanted]) => fieldFits(actual[field], wanted))

const listed = (label: string, values: readonly unknown[]): string[] => {
  const more = values.length > maxShown ? [`  … and ${values.length - maxShown} more ${label}`] : []
  return [...values.slice(0, maxShown).map((value) => `  ${label}: ${shown(value)}`), ...more]
}

/** One that came in the place of one that did not: what is different about it. */
const differences = ({ missing, unexpected }: Pairing, matches: Matches): string[] => {
  const [wanted, came] = [missing[0], unexpected[0]]
  if (missing.length !== 1 || unexpected.length !== 1 || !isObject(wanted) || !isObject(came)) return []
  const fields = Object.keys(matches === fits ? wanted : { ...wanted, ...came }).filter((field) => !fieldFits(came[field], wanted[field]))
  return fields.slice(0, maxShown).map((field) => `  differs in ${field}: ${shown(came[field])}, expected ${shown(wanted[field])}`)
}

/** What is wrong with a pairing, made by the same `matches`, for people; undefined if nothing is. */
export const complaintOf = (what: string, pairing: Pairing, matches: Matches = equal): string | undefined => {
  const { missing, unexpected } = pairing
  if (missing.length + unexpected.length === 0) return undefined
  const lines = [...listed('missing', missing), ...listed('not expected', unexpected), ...differences(pairing, matches)]
  return [`${what}: ${missing.length} missing, ${unexpected.length} not expected`, ...lines].join('\n')
}
