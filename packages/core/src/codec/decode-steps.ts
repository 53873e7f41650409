import type * as t from 'io-ts'
import { shapeOf, unwrapped } from './codec-shape.js'

/** The way from the whole value to a fault, as io-ts keeps it: codecs passed through, with the value at each. */
export type Steps = readonly t.ContextEntry[]

/** One error of io-ts. */
export interface Fault {
  readonly steps: Steps
  /** The codec's own words, if it gave any. */
  readonly message: string | undefined
  /** The literals that would fit here, if it is these that tell the members of a union apart. */
  readonly alternatives?: readonly string[]
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
 * The error to tell: the first; of a union, that of the member that the value came nearest to: whose literals fit (they
 * are what tells members apart), then that got deepest, then with the fewest errors. If no member got into the value at
 * all, the error is at the union itself.
 */
export const mostHelpful = (errors: t.Errors): Fault | undefined => {
  const first = errors[0]
  if (first === undefined) return undefined
  const union = first.context.findIndex((_, i) => i > 0 && tagOf(first.context[i - 1]) === 'UnionType')
  if (union < 0) return { steps: first.context, message: first.message }
  const group = errors.filter((error) => isSameUnion(first.context, error.context, union))
  const best = nearest(group, union)
  const outside = first.context.slice(0, union)
  if (depthOf(best.context) <= depthOf(outside)) return { steps: outside, message: undefined }
  return { steps: best.context, message: best.message, alternatives: isAtLiteral(best) ? literalsAt(best, group) : [] }
}

/** Codecs are compared too: an intersection can hold two unions. */
const isSameUnion = (a: Steps, b: Steps, length: number): boolean => {
  for (let i = 0; i < length; i++) if (a[i]?.key !== b[i]?.key || a[i]?.type !== b[i]?.type) return false
  return b.length > length
}

/** How far a value is from one member of a union. */
interface Distance {
  literals: number
  depth: number
  faults: number
  /** Its deepest error, the first of these. */
  deepest: t.ValidationError
}

const order = (a: Distance, b: Distance): number =>
  a.literals - b.literals || b.depth - a.depth || a.faults - b.faults

/** @param errors - at least one, all of one union, whose member is entry `union` */
const nearest = (errors: t.Errors, union: number): t.ValidationError => {
  const members: Members = new Map()
  for (const error of errors) count(members, error.context[union]?.key, error)
  return [...members.values()].reduce((best, member) => (order(member, best) < 0 ? member : best)).deepest
}

type Members = Map<string | undefined, Distance>

const count = (members: Members, member: string | undefined, error: t.ValidationError): void => {
  const depth = depthOf(error.context)
  const distance = members.get(member) ?? { literals: 0, depth: -1, faults: 0, deepest: error }
  distance.faults++
  if (isAtLiteral(error)) distance.literals++
  if (depth > distance.depth) Object.assign(distance, { depth, deepest: error })
  members.set(member, distance)
}

const LITERALS: ReadonlySet<string | undefined> = new Set(['LiteralType', 'KeyofType'])

const isAtLiteral = ({ context }: t.ValidationError): boolean => LITERALS.has(tagOf(context.at(-1)))

/** What the members of a union ask for at the place of `best`. */
const literalsAt = (best: t.ValidationError, errors: t.Errors): readonly string[] => {
  const place = placeOf(best)
  const here = errors.filter((error) => isAtLiteral(error) && placeOf(error) === place)
  return [...new Set(here.map((error) => error.context.at(-1)?.type.name ?? ''))]
}

const placeOf = ({ context }: t.ValidationError): string =>
  JSON.stringify(context.filter((_, i) => isStep(context, i)).map((step) => step.key))
