import type * as t from 'io-ts'
import { shapeOf, unwrapped } from './codec-shape.js'

/** The way from the whole value to a fault, as io-ts keeps it: codecs passed through, with the value at each. */
export type Steps = readonly t.ContextEntry[]

/** One error of io-ts. */
export interface Fault {
  readonly steps: Steps
  /** The codec's own words, if it gave any. */
  readonly message: string | undefined
}

const tagOf = (entry: t.ContextEntry | undefined): string | undefined => entry && unwrapped(shapeOf(entry.type))._tag

/** These hand their own value to several codecs, and io-ts enters each under its index, as if it were a key. */
const isFork = (tag: string | undefined): boolean => tag === 'UnionType' || tag === 'IntersectionType'

/** Codecs of io-ts that have parts under keys. Others may be anything: only the values tell. */
const HOLDERS: ReadonlySet<string | undefined> = new Set([
  'InterfaceType', 'PartialType', 'StrictType', 'DictionaryType', 'ArrayType', 'ReadonlyArrayType', 'TupleType',
])

/** Whether entry `i` goes into a part of the value, and is not only another codec for the same value. */
export const isStep = (steps: Steps, i: number): boolean => {
  const [parent, entry] = [steps[i - 1], steps[i]]
  if (i === 0 || parent === undefined || entry === undefined) return false
  const tag = tagOf(parent)
  return HOLDERS.has(tag) || (!isFork(tag) && !Object.is(parent.actual, entry.actual))
}

const depthOf = (steps: Steps): number => steps.reduce((depth, _, i) => depth + (isStep(steps, i) ? 1 : 0), 0)

/**
 * The error to tell: the first; of a union, that of the member that got deepest into the value (of equals, the one with
 * the fewest errors); if no member got into it at all, one at the union itself.
 */
export const mostHelpful = (errors: t.Errors): Fault | undefined => {
  const first = errors[0]
  if (first === undefined) return undefined
  const union = first.context.findIndex((_, i) => i > 0 && tagOf(first.context[i - 1]) === 'UnionType')
  if (union < 0) return { steps: first.context, message: first.message }
  const best = deepest(errors.filter((error) => isSameUnion(first.context, error.context, union)), union)
  const outside = first.context.slice(0, union)
  if (depthOf(best.context) > depthOf(outside)) return { steps: best.context, message: best.message }
  return { steps: outside, message: undefined }
}

/** Codecs are compared too: an intersection can hold two unions. */
const isSameUnion = (a: Steps, b: Steps, length: number): boolean => {
  for (let i = 0; i < length; i++) if (a[i]?.key !== b[i]?.key || a[i]?.type !== b[i]?.type) return false
  return b.length > length
}

/** @param errors - at least one, all of one union, whose member is entry `union` */
const deepest = (errors: t.Errors, union: number): t.ValidationError => {
  const perMember = new Map<string | undefined, number>()
  const memberOf = (error: t.ValidationError): string | undefined => error.context[union]?.key
  for (const error of errors) perMember.set(memberOf(error), (perMember.get(memberOf(error)) ?? 0) + 1)
  const faults = (error: t.ValidationError): number => perMember.get(memberOf(error)) ?? 0
  return errors.reduce((best, error) => {
    const deeper = depthOf(error.context) - depthOf(best.context)
    return deeper > 0 || (deeper === 0 && faults(error) < faults(best)) ? error : best
  })
}
