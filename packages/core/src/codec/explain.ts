import type * as t from 'io-ts'
import { isStep, mostHelpful, type Fault } from './decode-steps.js'
import { expectation, shortened } from './expectation.js'
import { safeJson } from './safe-json.js'

/**
 * Why a value was rejected.
 * @public
 */
export interface Explanation {
  /** `p: expected a number > 0, got "12"`: the field (if it is not the whole), the codec's name, the value in brief. */
  readonly message: string
  /** JSON Pointer from the element to the field at fault: `/c/0`; `''` for the element itself. */
  readonly path: string
}

const MAX_VALUE_BYTES = 80
const MAX_KEY_LENGTH = 80

/**
 * Turns the errors of io-ts into one reason for a person. The first error counts; where a union failed, that of the
 * member that came nearest (see `mostHelpful`). A message that a codec gave (`t.failure(u, c, message)`) is used as it
 * is. Text and pointer are well-formed: lone surrogates become U+FFFD. The pointer is exact for the codecs of io-ts;
 * inside one that turns its input into something else, it leads through what that made of it.
 *
 * @param errors - those of one `decode`
 * @public
 */
export const explain = (errors: t.Errors): Explanation => {
  const error = mostHelpful(errors)
  if (error === undefined) return { message: 'rejected without a reason', path: '' }
  const { keys, reason } = faultOf(error)
  if (keys.length === 0) return { message: wellFormed(reason), path: '' }
  const { readable, pointer } = placeAt(keys)
  return { message: wellFormed(`${readable}: ${reason}`), path: pointer }
}

interface Reason {
  readonly keys: readonly string[]
  readonly reason: string
}

const faultOf = ({ steps, message, alternatives = [] }: Fault): Reason => {
  const keys: string[] = []
  let place = -1
  for (let i = 0; i < steps.length; i++) {
    if (!isStep(steps, i)) continue
    keys.push((steps[i] as t.ContextEntry).key) // as: i < length
    place = i
  }
  if (message !== undefined) return { keys, reason: message }
  const { expected, value, deciding } = expectation(steps, steps[Math.max(0, place)])
  if (deciding !== undefined)
    return { keys: [...keys, deciding.key], reason: reasonFor(expected, deciding.holder, deciding.key, value) }
  const wanted = alternatives.length < 2 ? expected : shortened(alternatives.join(' | '))
  return { keys, reason: reasonFor(wanted, steps[place - 1]?.actual, keys.at(-1), value) }
}

const reasonFor = (expected: string, holder: unknown, key: string | undefined, value: unknown): string => {
  if (value === undefined && key !== undefined && isAbsent(holder, key)) return 'is missing'
  return `expected ${expected}, got ${brief(value)}`
}

const isAbsent = (holder: unknown, key: string): boolean =>
  typeof holder === 'object' && holder !== null && !(key in holder)

const brief = (value: unknown): string =>
  value === undefined || typeof value === 'number' ? String(value) : safeJson(value, MAX_VALUE_BYTES)

/** Where a fault is, for people and as a JSON Pointer. */
interface Place {
  readonly readable: string
  readonly pointer: string
}

/** Most faults are at a property of the whole, and those are few. */
const knownPlaces = new Map<string, Place>()
const maxKnownPlaces = 256

const placeAt = (keys: readonly string[]): Place => {
  const [only = ''] = keys
  if (keys.length !== 1 || only.length > MAX_KEY_LENGTH) return textsOf(keys)
  const known = knownPlaces.get(only)
  if (known !== undefined) return known
  const place = textsOf(keys)
  if (knownPlaces.size < maxKnownPlaces) knownPlaces.set(only, place)
  return place
}

const textsOf = (keys: readonly string[]): Place => ({ readable: keys.map(readable).join(''), pointer: wellFormed(keys.map(pointer).join('')) })

/** As in JavaScript: `data[0].p`, `["x-y"]`. */
const readable = (key: string, index: number): string => {
  if (/^\d+$/.test(key)) return `[${key}]`
  if (!/^[A-Za-z_$][\w$]*$/.test(key) || key.length > MAX_KEY_LENGTH) return `[${safeJson(key, MAX_KEY_LENGTH)}]`
  return index === 0 ? key : `.${key}`
}

/** One step of a JSON Pointer (RFC 6901). */
const pointer = (key: string): string =>
  /[~/]/.test(key) ? `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` : `/${key}`

const wellFormed = (text: string): string =>
  text.isWellFormed() ? text : text.replaceAll(/\p{Surrogate}/gu, '\uFFFD')
