import type { WatermarkPolicy } from '../time/policy.js'
import type { Element } from './reference-elements.js'

const never = Number.NEGATIVE_INFINITY
const defaultConfirmations = 3

/** Whether an event time may be believed at all: judged by the record alone, never by now. */
export const isPlausible = (millis: unknown, receivedAtMillis: number, policy: WatermarkPolicy): millis is number =>
  typeof millis === 'number' &&
  Number.isFinite(millis) &&
  millis >= (policy.earliestMillis ?? never) &&
  millis <= receivedAtMillis + (policy.maxAheadMillis ?? Number.POSITIVE_INFINITY)

/** What is known of a partition after some records: the greatest believed time, and the run of records that jumped ahead of it. */
interface Belief {
  readonly maxMillis: number
  readonly jumps: readonly number[]
}

const isJump = (greatest: number, { maxMillis }: Belief, { maxJumpMillis }: WatermarkPolicy): boolean =>
  maxJumpMillis !== undefined && maxMillis !== never && greatest - maxMillis > maxJumpMillis

/** Jumps in a row that lie close together; one that is far from those before it begins a new row. */
const withJump = (jumps: readonly number[], greatest: number, maxJumpMillis: number): readonly number[] => {
  const row = [...jumps, greatest]
  return Math.max(...row) - Math.min(...row) <= maxJumpMillis ? row : [greatest]
}

const confirm = (belief: Belief, greatest: number, policy: WatermarkPolicy): Belief => {
  const jumps = withJump(belief.jumps, greatest, policy.maxJumpMillis ?? never)
  const confirmed = jumps.length >= (policy.confirmations ?? defaultConfirmations)
  return confirmed ? { maxMillis: Math.min(...jumps), jumps: [] } : { ...belief, jumps }
}

/** The belief after one record, by the greatest plausible event time of its elements. */
const after = (belief: Belief, greatest: number, policy: WatermarkPolicy): Belief =>
  isJump(greatest, belief, policy)
    ? confirm(belief, greatest, policy)
    : { maxMillis: Math.max(belief.maxMillis, greatest), jumps: [] }

const groupBy = <K>(elements: readonly Element[], by: (element: Element) => K): readonly (readonly Element[])[] => {
  const groups = new Map<K, Element[]>()
  for (const element of elements) {
    const group = groups.get(by(element))
    if (group === undefined) groups.set(by(element), [element])
    else group.push(element)
  }
  return [...groups.values()]
}

/** All elements of one record are born under the watermark that the records before it made. */
const bornInPartition = (elements: readonly Element[], policy: WatermarkPolicy): readonly Element[] => {
  let belief: Belief = { maxMillis: never, jumps: [] }
  // Elements of one record share its origin object.
  return groupBy(elements, ({ origin }) => origin).flatMap((record) => {
    const bornUnderMillis = belief.maxMillis - policy.boundMillis
    belief = after(belief, Math.max(...record.map(({ eventTimeMillis }) => eventTimeMillis)), policy)
    return record.map((element) => ({ ...element, bornUnderMillis }))
  })
}

/** Gives elements with plausible event times the watermark of their partition before their record. */
export const withBirths = (
  elements: readonly Element[],
  bounded: boolean,
  policy: WatermarkPolicy,
): readonly Element[] =>
  bounded
    ? elements.map((element) => ({ ...element, bornUnderMillis: element.floorMillis }))
    : groupBy(elements, ({ origin }) => origin.partition).flatMap((partition) => bornInPartition(partition, policy))
