import type { WatermarkPolicy } from '../time/policy.js'
import type { Blind, Element, Lane } from './reference-elements.js'

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

/** What an unbounded partition has come to. */
interface Course {
  readonly belief: Belief
  readonly watermarkMillis: number
  /** Greatest time of the last record that had one, believed or not. */
  readonly lastMillis: number
  /** Since the last record that had an event time. */
  readonly silentMillis: number
  readonly blind: readonly Blind[]
  /** Nothing later than this was heard; undefined while all is. */
  readonly blindSince: number | undefined
}

const start: Course = { belief: { maxMillis: never, jumps: [] }, watermarkMillis: never, lastMillis: never, silentMillis: 0, blind: [], blindSince: never }

const atLeast = (course: Course, millis: number): Course => ({ ...course, watermarkMillis: Math.max(course.watermarkMillis, millis) })

const blindFrom = (course: Course, millis: number): Course => ({ ...course, blindSince: Math.min(course.blindSince ?? Number.POSITIVE_INFINITY, millis) })

const afterSilence = (course: Course, millis: number, policy: WatermarkPolicy): Course => {
  const silentMillis = course.silentMillis + millis
  const idleMillis = silentMillis - (policy.idleAfterMillis ?? Number.POSITIVE_INFINITY)
  const silent = { ...course, silentMillis }
  return idleMillis > 0 ? atLeast(silent, course.belief.maxMillis - policy.boundMillis + idleMillis) : silent
}

const afterTimes = (course: Course, greatest: number, policy: WatermarkPolicy): Course => {
  const belief = after(course.belief, greatest, policy)
  const { blind, blindSince, watermarkMillis } = course
  const isNews = blindSince !== undefined && greatest > course.belief.maxMillis
  const seen = isNews ? [...blind, [blindSince, Math.max(greatest, watermarkMillis) + policy.boundMillis] as const] : blind
  return atLeast({ ...course, belief, lastMillis: greatest, silentMillis: 0, blind: seen, blindSince: isNews ? undefined : blindSince }, belief.maxMillis - policy.boundMillis)
}

/** How a partition ends: by itself, or because the run is drained, which may leave out what is out of order. */
const afterEnd = (course: Course, { ends }: Lane): readonly Blind[] => {
  // What never gave anything has missed nothing.
  if (ends && course.belief.maxMillis === never) return []
  const { blind, blindSince = never } = blindFrom(course, ends ? Math.max(course.belief.maxMillis, course.lastMillis, course.watermarkMillis) : course.watermarkMillis)
  return [...blind, [blindSince, Number.POSITIVE_INFINITY]]
}

const greatestOf = (elements: readonly Element[]): number => Math.max(...elements.map(({ eventTimeMillis }) => eventTimeMillis))

/** The elements of a partition with the watermark that each was born under, and when the partition was blind. */
const follow = (lane: Lane, elements: readonly Element[], policy: WatermarkPolicy): { readonly born: readonly Element[]; readonly blind: readonly Blind[] } => {
  let course = start
  let index = 0
  const born: Element[] = []
  for (const step of lane.steps) {
    if (step.kind === 'gap') course = blindFrom(course, course.watermarkMillis)
    else if (step.kind === 'silence') course = afterSilence(course, step.millis, policy)
    else if (step.kind === 'floor') course = atLeast(course, step.millis)
    else {
      const record = elements.filter(({ place }) => place.index === index)
      course = afterSilence(course, step.silentMillis, policy)
      const bornUnderMillis = course.watermarkMillis
      born.push(...record.map((element) => ({ ...element, bornUnderMillis })))
      if (record.length > 0) course = afterTimes(course, greatestOf(record), policy)
      index++
    }
  }
  return { born, blind: afterEnd(course, lane) }
}

/** All elements of one record are born under the watermark that the records before it made. */
const followAll = (elements: readonly Element[], policy: WatermarkPolicy): readonly Element[] => {
  const lanes = elements[0]?.place.lanes ?? []
  const followed = lanes.map((lane) => follow(lane, elements.filter(({ place }) => place.lane === lane), policy))
  const blind = followed.flatMap((one) => one.blind)
  return followed.flatMap(({ born }) => born.map((element) => ({ ...element, blind })))
}

/** Gives elements with plausible event times the watermark of their partition before their record. */
export const withBirths = (
  elements: readonly Element[],
  bounded: boolean,
  policy: WatermarkPolicy,
): readonly Element[] =>
  bounded ? elements.map((element) => ({ ...element, bornUnderMillis: element.floorMillis })) : followAll(elements, policy)
