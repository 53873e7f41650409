import type { DeadLetter, Row } from '@millrace/core'
import type { ReferenceDeadLetter } from '#src/testing/reference-elements.js'
import type { ReferenceResult } from '#src/testing/reference.js'
import { canonical, differences, repeated } from './canonical.js'
import { bytesOf, type CaseSpec } from './case.js'

const identify = (row: DeadLetter): string =>
  canonical([
    row.stage,
    row.stage_kind,
    row.source_name,
    row.source_partition,
    row.source_position,
    row.path,
    row.event_time,
    row.event_key,
    row.attributes_json,
  ])

const expectedLetter = ({ stage, kind, origin, path, eventTimeMillis, key, attributes }: ReferenceDeadLetter): string =>
  canonical([
    stage,
    kind,
    origin.source,
    origin.partition,
    JSON.stringify(origin.position),
    JSON.stringify(path),
    Number.isFinite(eventTimeMillis) ? eventTimeMillis : null,
    key ?? null,
    attributes === undefined ? null : JSON.stringify(attributes),
  ])

/** One row for each, and for each its row. */
export const compareDeadLetters = (
  { deadLetters }: ReferenceResult,
  rows: readonly Row<DeadLetter>[],
): readonly string[] => [
  ...differences(
    deadLetters.map(expectedLetter),
    rows.map(({ value }) => identify(value)),
  ).map((difference) => `dead letters: ${difference}`),
  ...repeated(
    'dead letters',
    rows.map(({ value }) => value.dead_letter_id),
  ),
]

const groupBy = <T>(all: readonly T[], by: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one])
  return groups
}

const depthOf = ({ path }: DeadLetter): readonly number[] => JSON.parse(path) as number[] // as: that is what the column holds

const comparePaths = (a: DeadLetter, b: DeadLetter): number => {
  const [left, right] = [depthOf(a), depthOf(b)]
  const at = left.findIndex((part, i) => part !== right[i])
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}

/** The bytes that a source gave, by where they were; values that are no bytes are left out. */
const originals = (spec: CaseSpec): ReadonlyMap<string, Buffer> =>
  new Map(
    spec.reads.flatMap((read) =>
      (read.bytes ? read.partitions : []).flatMap(({ name, batches }) =>
        batches
          .flatMap(({ records }) => records)
          // as: texts, in a read of bytes
          .map(
            ({ value, position }, index) =>
              [
                placeOf(read.name, name, read.packedBy === undefined ? position : [index]),
                bytesOf(value as string),
              ] as const,
          ),
      ),
    ),
  )

const placeOf = (source: string, partition: string, position: unknown): string =>
  `${source} ${partition} ${JSON.stringify(position)}`

const isWhole = ({ payload_text: text, payload_base64: base64 }: DeadLetter, original: Buffer | undefined): boolean => {
  if (original === undefined) return true
  return text === null ? base64 === original.toString('base64') : base64 === null && Buffer.from(text).equals(original)
}

/** The whole record is kept once, on its row of the lowest path. */
export const checkPayloads = (spec: CaseSpec, rows: readonly Row<DeadLetter>[]): readonly string[] => {
  const given = originals(spec)
  const reads = new Set(spec.reads.map(({ name }) => name))
  const records = groupBy(
    rows.map(({ value }) => value).filter((row) => reads.has(row.source_name)),
    (row) => `${row.source_name} ${row.source_partition} ${row.source_position}`,
  )
  return [...records].flatMap(([record, all]) => {
    const carriers = all.filter((row) => row.payload_text !== null || row.payload_base64 !== null)
    const [carrier] = carriers
    if (carriers.length !== 1 || carrier === undefined)
      return [`payload of ${record}: on ${carriers.length} of ${all.length} rows`]
    if (!isWhole(carrier, given.get(record))) return [`payload of ${record}: not what the source gave`]
    return all.some((row) => comparePaths(row, carrier) < 0) ? [`payload of ${record}: not on the lowest path`] : []
  })
}
