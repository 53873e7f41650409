import fc from 'fast-check'

/** A record as a generator of JSON would write it, and odd ones. */
const value: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ s: fc.string({ maxLength: 6 }), p: fc.integer(), c: fc.array(fc.constantFrom('1', '[', '"', '\\', '}', ','), { maxLength: 2 }) }).map((object) => JSON.stringify(object)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((any) => JSON.stringify(any)) },
)

const blanks = fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t \n')

const separated = (values: readonly string[], by: string, around: readonly string[]): string =>
  values.map((text, i) => `${around[(2 * i) % around.length] ?? ''}${text}${around[(2 * i + 1) % around.length] ?? ''}`).join(by)

const around = fc.array(blanks, { minLength: 1, maxLength: 5 })

/** A valid document, and what is in it. */
export interface Text {
  readonly text: string
  readonly values: readonly string[]
}

export const arrayText: fc.Arbitrary<Text> = fc.tuple(fc.array(value, { maxLength: 12 }), around, blanks).map(([values, spaces, end]) =>
  ({ values, text: `${end}[${values.length === 0 ? end : separated(values, ',', spaces)}]${end}` }))

export const linesText: fc.Arbitrary<Text> = fc.tuple(fc.array(value, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\n\n', ' \n\t'), fc.boolean())
  .map(([values, by, last]) => ({ values, text: values.join(by) + (last ? by : '') }))

const flatObject = fc.record({ a: fc.integer(), s: fc.constantFrom('x', '}', '{', '"', '\\', ',') }, { requiredKeys: ['a'] })

/** Mostly neighbours that can be joined, in an array or in lines. */
export const neighboursText: fc.Arbitrary<string> = fc.tuple(fc.array(flatObject, { minLength: 2, maxLength: 8 }), fc.boolean())
  .map(([objects, inArray]) => {
    const texts = objects.map((object) => JSON.stringify(object))
    return inArray ? `[${texts.join(',')}]` : texts.join('\n')
  })

const flaw = fc.tuple(fc.nat(), fc.constantFrom('', ',', '"', '{', '}', '[', ']', '\\', '\n', ' ', 'x', ',,', '\u0000'), fc.nat({ max: 3 }))

/** Valid texts with some characters taken out or put in, and texts of such characters only. */
export const flawedText: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.oneof(arrayText, linesText), fc.array(flaw, { minLength: 1, maxLength: 3 })).map(([{ text }, flaws]) =>
    flaws.reduce((flawed, [at, put, take]) => {
      const index = at % (flawed.length + 1)
      return flawed.slice(0, index) + put + flawed.slice(index + take)
    }, text)),
  fc.array(fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ' ', '\n', '1', ':', '\u00ef\u00bb\u00bf'), { maxLength: 24 }).map((parts) => parts.join('')),
)
