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

/**
 * Pairs as many as can be: one that fits several expectations does not take the only row of another. Rows that come in the order in which
 * they were expected, the usual case, take one comparison each.
 */
export const pair = (actual: readonly unknown[], expected: readonly unknown[], matches: Matches): Pairing => {
  const takenBy = new Map<number, number>()
  const find = (wanted: number, tried: Set<number>): boolean => {
    for (let step = 0; step < actual.length; step++) {
      const i = (wanted + step) % actual.length
      if (tried.has(i) || !matches(actual[i], expected[wanted])) continue
      tried.add(i)
      const other = takenBy.get(i)
      if (other !== undefined && !find(other, tried)) continue
      takenBy.set(i, wanted)
      return true
    }
    return false
  }
  const missing = expected.filter((_, wanted) => !find(wanted, new Set()))
  return { missing, unexpected: actual.filter((_, i) => !takenBy.has(i)) }
}

/** Equal in every field, in any order of fields. */
export const equal: Matches = (actual, expected) => isDeepStrictEqual(actual, expected)

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
