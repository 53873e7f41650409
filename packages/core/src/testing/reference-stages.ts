import { isLeft } from 'fp-ts/lib/Either.js'
import { of, toArray, lastValueFrom } from 'rxjs'
import type { StageKind } from '../dead-letter/row.js'
import type { Batch } from '../envelope.js'
import {
  inputOf,
  type AggregateStage,
  type DecodeStage,
  type EventTimeStage,
  type KeyStage,
  type Stage,
  type ThroughStage,
  type WriteStage,
} from '../pipeline/stage.js'
import type { Element } from './reference-elements.js'
import type { LedgerEntry } from './reference-ledger.js'
import { isPlausible, withBirths } from './reference-watermark.js'
import { aggregate, elementOfPane, type ReferencePane } from './reference-windows.js'

/** What became of all elements that reached one stage. */
export interface Step {
  readonly out: readonly Element[]
  readonly dead: readonly { readonly kind: StageKind; readonly element: Element }[]
  readonly ledger: LedgerEntry
  readonly panes?: readonly ReferencePane[]
}

/** A value per element, or what was thrown. */
type Answer<A> =
  | { readonly element: Element; readonly ok: true; readonly value: A }
  | { readonly element: Element; readonly ok: false }

const ask = async <A>(element: Element, f: () => A | Promise<A>): Promise<Answer<A>> => {
  try {
    return { element, ok: true, value: await f() }
  } catch {
    return { element, ok: false }
  }
}

const askAll = <A>(
  elements: readonly Element[],
  f: (element: Element) => A | Promise<A>,
): Promise<readonly Answer<A>[]> => Promise.all(elements.map((element) => ask(element, () => f(element))))

const answered = <A>(answers: readonly Answer<A>[]): readonly (Answer<A> & { readonly ok: true })[] =>
  answers.filter((answer) => answer.ok)

const deadOf = (kind: StageKind, elements: readonly Element[]): Step['dead'] =>
  elements.map((element) => ({ kind, element }))

const unanswered = (kind: StageKind, answers: readonly Answer<unknown>[]): Step['dead'] =>
  deadOf(
    kind,
    answers.filter((answer) => !answer.ok).map(({ element }) => element),
  )

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// as: only bytes can be parsed, says the builder
const parse = ({ value }: Element): unknown => JSON.parse(utf8.decode(value as Uint8Array))

const decode = (stage: DecodeStage, { value }: Element): unknown => {
  const decoded = stage.codec.decode(value)
  if (isLeft(decoded)) throw new TypeError('does not fit')
  return decoded.right
}

/** One output per input. */
const each = async (kind: StageKind, elements: readonly Element[], f: (element: Element) => unknown): Promise<Step> => {
  const answers = await askAll(elements, f)
  return {
    out: answered(answers).map(({ element, value }) => ({ ...element, value })),
    dead: unanswered(kind, answers),
    ledger: {},
  }
}

const read = (elements: readonly Element[]): Step => ({
  out: elements.filter(({ failure }) => failure === undefined),
  dead: deadOf(
    'read',
    elements.filter(({ failure }) => failure !== undefined),
  ),
  ledger: { read: elements.length },
})

const filter = async (elements: readonly Element[], f: (value: unknown) => boolean): Promise<Step> => {
  const answers = await askAll(elements, ({ value }) => f(value))
  const out = answered(answers).flatMap(({ element, value }) => (value ? [element] : []))
  return { out, dead: unanswered('filter', answers), ledger: { filtered: answered(answers).length - out.length } }
}

/** All or nothing per input. */
const flatMap = async (elements: readonly Element[], f: (value: unknown) => Iterable<unknown>): Promise<Step> => {
  const answers = await askAll(elements, ({ value }) => [...f(value)])
  const out = answered(answers).flatMap(({ element, value }) =>
    value.map((output, index) => ({ ...element, value: output, path: [...element.path, index] })),
  )
  return { out, dead: unanswered('flatMap', answers), ledger: { expanded: answered(answers).length, made: out.length } }
}

const isBounded = (stage: Stage): boolean => {
  const input = inputOf(stage)
  return input === undefined ? stage.kind === 'read' && stage.source.capabilities.bounded : isBounded(input)
}

const eventTime = async (stage: EventTimeStage, elements: readonly Element[]): Promise<Step> => {
  const answers = await askAll(elements, ({ value, receivedAtMillis }) => {
    const eventTimeMillis = stage.millis(value)
    if (!isPlausible(eventTimeMillis, receivedAtMillis, stage.policy)) throw new RangeError('implausible')
    return eventTimeMillis
  })
  const timed = answered(answers).map(({ element, value }) => ({ ...element, eventTimeMillis: value }))
  return { out: withBirths(timed, isBounded(stage), stage.policy), dead: unanswered('eventTime', answers), ledger: {} }
}

const keyBy = async (stage: KeyStage, elements: readonly Element[]): Promise<Step> => {
  const answers = await askAll(elements, ({ value }) => {
    const key: unknown = stage.key(value)
    // A lone surrogate has no UTF-8: no store could hold the key.
    if (typeof key !== 'string' || !key.isWellFormed()) throw new TypeError('no key')
    return key
  })
  return {
    out: answered(answers).map(({ element, value }) => ({ ...element, key: value })),
    dead: unanswered('key', answers),
    ledger: {},
  }
}

const windows = (stage: AggregateStage, elements: readonly Element[]): Step => {
  const { late, refused, panes, worthless } = aggregate(stage, elements)
  return {
    out: panes.map(elementOfPane),
    dead: [...deadOf('window', late), ...deadOf('aggregate', [...refused, ...worthless])],
    ledger: { aggregated: elements.length - late.length - refused.length, made: panes.length + worthless.length },
    panes,
  }
}

/** All elements as one batch: right for operators that keep nothing between batches. */
const through = async (stage: ThroughStage, elements: readonly Element[]): Promise<Step> => {
  const bytes = 0
  const batches: readonly Batch<unknown>[] = await lastValueFrom(
    of({ envelopes: elements, bytes }).pipe(stage.operator, toArray()),
  )
  // as: an operator hands on the elements it was given, with other values
  const out = batches.flatMap(({ envelopes }) => envelopes as readonly Element[])
  return { out, dead: [], ledger: { expanded: elements.length, made: out.length } }
}

const write = (
  stage: WriteStage,
  elements: readonly Element[],
  rejects: (write: string, value: unknown) => boolean,
): Step => {
  const rejected = elements.filter(({ value }) => rejects(stage.name, value))
  const out = elements.filter((element) => !rejected.includes(element))
  return { out, dead: deadOf('sink', rejected), ledger: { delivered: { [stage.name]: out.length } } }
}

/** One stage over everything that reaches it. */
export const runStage = async (
  stage: Stage,
  elements: readonly Element[],
  rejects: (write: string, value: unknown) => boolean,
): Promise<Step> => {
  switch (stage.kind) {
    case 'read':
      return read(elements)
    case 'parse':
      return each('parse', elements, parse)
    case 'decode':
      return each('decode', elements, (element) => decode(stage, element))
    case 'map':
      return each('map', elements, ({ value }) => stage.f(value))
    case 'mapAsync':
      return each('mapAsync', elements, ({ value }) => stage.f(value, new AbortController().signal))
    case 'filter':
      return filter(elements, stage.f)
    case 'flatMap':
      return flatMap(elements, stage.f)
    case 'eventTime':
      return eventTime(stage, elements)
    case 'key':
      return keyBy(stage, elements)
    case 'aggregate':
      return windows(stage, elements)
    case 'through':
      return through(stage, elements)
    case 'write':
      return write(stage, elements, rejects)
  }
}
