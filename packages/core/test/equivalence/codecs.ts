import { either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { mix } from './dice.js'

const Item = t.type({ id: t.number, k: t.string, t: t.number, x: t.number })

/** Numbers that some of the input has as strings. */
const NumberFromText = new t.Type<number, string, unknown>(
  'NumberFromText',
  t.number.is,
  (input, context) => {
    const number = typeof input === 'string' && input !== '' ? Number(input) : input
    return typeof number === 'number' && !Number.isNaN(number) ? t.success(number) : t.failure(input, context)
  },
  String,
)

/** Gives another number than it was given. */
const Doubled = new t.Type<number, number, unknown>(
  'Doubled',
  t.number.is,
  (input, context) => either.map(t.number.validate(input, context), (number) => number * 2),
  (number) => number / 2,
)

const throwing = (salt: number): t.Mixed =>
  new t.Type<unknown>(
    'Throwing',
    (value): value is unknown => true,
    (input, context) => {
      if (mix(JSON.stringify(input), salt) % 6 === 0) throw new Error('a codec must not throw')
      return Array.isArray(input) ? t.failure(input, context) : t.success(input)
    },
    t.identity,
  )

/** The codecs of random pipelines: some that a guard can be compiled of, some that change what they are given, one that throws. */
export const codecs: Readonly<Record<string, (salt: number) => t.Mixed>> = {
  item: () => Item,
  strictItem: () => t.exact(t.intersection([Item, t.partial({ items: t.array(t.unknown) })])),
  textItem: () =>
    t.intersection([
      t.type({ id: t.number, k: t.union([t.string, t.number]) }),
      t.type({ t: NumberFromText, x: NumberFromText }),
    ]),
  doubled: () => t.type({ id: t.number, x: Doubled }),
  itemOrFrame: () => t.union([Item, t.type({ id: t.number, items: t.array(Item) })]),
  frame: () => t.type({ id: t.number, items: t.array(t.unknown) }),
  partial: () => t.intersection([t.type({ id: t.Int }), t.partial({ k: t.string, x: t.number })]),
  refined: (salt) =>
    t.brand(
      Item,
      (item): item is t.Branded<t.TypeOf<typeof Item>, { readonly Some: symbol }> => mix(item.id, salt) % 5 !== 0,
      'Some',
    ),
  defaulted: () =>
    t.type({
      id: t.number,
      k: t.string,
      t: t.union([t.number, t.null]),
      x: t.readonly(t.union([t.number, t.literal('nothing')])),
    }),
  anyObject: () => t.UnknownRecord,
  throwing,
}
