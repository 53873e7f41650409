import { combine, compareElements, type Combine, type Envelope } from '@millrace/core'
import { canonical } from './canonical.js'
import { mix } from './dice.js'

// any: values of random pipelines have whatever shape the input and the stages before gave them
type Value = any
type AnyCombine = Combine<Value, any, unknown>
type Place = Pick<Envelope<unknown>, 'eventTimeMillis' | 'origin' | 'path'> & { readonly id: unknown }

const numberOf = (value: Value): number => {
  if (typeof value.x !== 'number') throw new TypeError('x is no number')
  return value.x
}

const placeOf = ({ value, eventTimeMillis, origin, path }: Envelope<Value>): Place => ({
  id: canonical(value.id),
  eventTimeMillis,
  origin: { source: origin.source, partition: origin.partition, position: [...origin.position] },
  path: [...path],
})

/** Everybody, in order: shows every loss, every copy and every wrong place. */
const everybody: AnyCombine = {
  kind: 'everybody',
  create: (): Place[] => [],
  add: (acc: Place[], element) => [...acc, placeOf(element)],
  merge: (a: Place[], b: Place[]) => [...a, ...b],
  extract: (acc: Place[]) =>
    acc
      .toSorted(compareElements)
      .map(({ id, origin, path }) => canonical([id, origin.source, origin.partition, origin.position, path])),
}

/** A hash of everything that an envelope says; commutative. */
const envelopes: AnyCombine = {
  kind: 'envelopes',
  create: () => 0,
  add: (acc: number, { value, origin, path, eventTimeMillis, bornUnderMillis, receivedAtMillis, attributes }) =>
    (acc +
      mix(
        canonical([
          value.id,
          { ...origin },
          path,
          eventTimeMillis,
          bornUnderMillis,
          receivedAtMillis,
          attributes ?? null,
        ]),
        7,
      )) %
    2 ** 40,
  merge: (a: number, b: number) => (a + b) % 2 ** 40,
  extract: (acc: number) => acc,
}

const refusing = (salt: number): AnyCombine => ({
  ...everybody,
  kind: 'refusing',
  add: (acc, element) => {
    if (mix(element.value.id, salt) % 4 === 0) throw new Error('not this one')
    return everybody.add(acc, element)
  },
})

/** Some panes cannot say what they are worth. */
const speechless = (salt: number): AnyCombine => ({
  ...envelopes,
  kind: 'speechless',
  extract: (acc: number) => {
    if (mix(acc, salt) % 3 === 0) throw new Error('no value')
    return acc
  },
})

/** The combines of random pipelines. */
export const combines: Readonly<Record<string, (salt: number) => AnyCombine>> = {
  count: () => combine.count<Value>(),
  sum: () => combine.sum(numberOf),
  mean: () => combine.mean(numberOf),
  min: () => combine.min(numberOf),
  max: () => combine.max(numberOf),
  first: () => combine.first((value: Value) => [canonical(value.id), canonical(value.x)]),
  last: () => combine.last((value: Value) => [canonical(value.id), canonical(value.x)]),
  struct: () =>
    combine.struct({
      open: combine.first(numberOf),
      close: combine.last(numberOf),
      high: combine.max(numberOf),
      volume: combine.sum((value: Value) => Math.abs(numberOf(value))),
      notional: combine.sum((value: Value) => numberOf(value) * 0.1),
      n: combine.count<Value>(),
    }),
  mixedStruct: (salt) =>
    combine.struct({
      sum: combine.sum(numberOf),
      who: refusing(salt),
      in: combine.struct({ low: combine.min(numberOf), mean: combine.mean(numberOf) }),
    }),
  everybody: () => everybody,
  envelopes: () => envelopes,
  refusing,
  speechless,
}
