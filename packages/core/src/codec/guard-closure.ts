import { type Accepts } from './guard-compile.js'
import {
  ignoresUndefined, mayHaveSkipped, startWithRecord, takesUndefined, type Plan, type PropPlan,
} from './guard-plan.js'

/** A guard composed of closures, for where code from strings is forbidden: the same answers, some four times slower. */
export const composed = (plan: Plan): Accepts => {
  const check = checkOf(plan, false)
  return (value) => {
    try {
      return check(value) === ACCEPT
    } catch {
      // A predicate or a getter that throws: io-ts is asked, throws too, and its caller deals with that.
      return false
    }
  }
}

/** See the three ways of `Plan`. */
type Verdict = 0 | 1 | 2
const ACCEPT = 0
const FAIL = 1
const ABORT = 2
type Check = (value: unknown) => Verdict

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype
const hasOwn = Object.prototype.hasOwnProperty

/** `lenient`: inside a member of a tagged union, as in guard-compile.ts, whose twin this is. */
const checkOf = (plan: Plan, lenient: boolean): Check => {
  const fault: Verdict = mayHaveSkipped(plan) && !lenient ? ABORT : FAIL
  const skipped: Verdict = plan.predicated ? ABORT : FAIL
  switch (plan.op) {
    case 'null':
      return (v) => (v === null ? ACCEPT : FAIL)
    case 'undefined':
      return (v) => (v === undefined ? ACCEPT : FAIL)
    case 'unknown':
      return (v) => (Number.isNaN(v) ? ABORT : ACCEPT)
    case 'never':
      return () => FAIL
    case 'string':
      return (v) => (typeof v === 'string' ? ACCEPT : FAIL)
    case 'number':
      return (v) => (typeof v !== 'number' ? FAIL : Number.isNaN(v) ? ABORT : ACCEPT)
    case 'bigint':
      return (v) => (typeof v === 'bigint' ? ACCEPT : FAIL)
    case 'boolean':
      return (v) => (typeof v === 'boolean' ? ACCEPT : FAIL)
    case 'anyArray':
      return (v) => (Array.isArray(v) ? ACCEPT : FAIL)
    case 'anyRecord':
      return plainRecord
    case 'literal':
      return (v) => (v !== plan.value ? FAIL : Object.is(v, plan.value) ? ACCEPT : ABORT)
    case 'keyof':
      return (v) => (typeof v === 'string' && hasOwn.call(plan.keys, v) ? ACCEPT : FAIL)
    case 'refinement':
      return refined(checkOf(plan.inner, lenient), plan.predicate)
    case 'array':
      return arrayOf(checkOf(plan.item, lenient), fault)
    case 'tuple':
      return tupleOf(plan.items.map((item) => checkOf(item, lenient)), fault)
    case 'object':
      return objectOf(plan.props.map((prop) => propOf(prop, lenient)), fault)
    case 'record':
      return recordOf(checkOf(plan.domain, false), checkOf(plan.codomain, lenient), fault)
    case 'exact':
      return exactly(checkOf(plan.inner, lenient), new Set(plan.keys), fault)
    case 'union':
      return anyOf(plan.members.map((member) => checkOf(member, plan.tagged)), plan.tagged ? skipped : FAIL)
    case 'intersection':
      return allOf(plan.members.map((member) => checkOf(member, lenient)), fault, startWithRecord(plan.members))
  }
}

const plainRecord: Check = (v) => (!isRecord(v) ? FAIL : isPlain(v) ? ACCEPT : ABORT)

const refined = (inner: Check, predicate: (value: unknown) => unknown): Check => (v) => {
  const verdict = inner(v)
  return verdict !== ACCEPT ? verdict : predicate(v) ? ACCEPT : FAIL
}

/** What a part's verdict means for the whole: nothing was skipped only if `fault` says so. */
const asWhole = (verdict: Verdict, fault: Verdict): Verdict => (verdict === FAIL ? fault : verdict)

const arrayOf = (item: Check, fault: Verdict): Check => (v) => {
  if (!Array.isArray(v)) return FAIL
  for (let i = 0, length = v.length; i < length; i++) {
    const verdict = item(v[i])
    if (verdict !== ACCEPT) return asWhole(verdict, fault)
  }
  return ACCEPT
}

const tupleOf = (items: readonly Check[], fault: Verdict): Check => (v) => {
  if (!Array.isArray(v)) return FAIL
  if (v.length !== items.length) return ABORT
  for (let i = 0; i < items.length; i++) {
    const verdict = items[i]?.(v[i]) ?? ABORT
    if (verdict !== ACCEPT) return asWhole(verdict, fault)
  }
  return ACCEPT
}

type PropCheck = (object: Readonly<Record<string, unknown>>) => Verdict

const propOf = ({ key, plan, optional }: PropPlan, lenient: boolean): PropCheck => {
  const check = checkOf(plan, lenient)
  if (ignoresUndefined(plan, optional)) return (object) => (object[key] === undefined ? ACCEPT : check(object[key]))
  if (optional || !takesUndefined(plan)) return (object) => check(object[key])
  return (object) => (object[key] === undefined && !hasOwn.call(object, key) ? ABORT : check(object[key]))
}

const objectOf = (props: readonly PropCheck[], fault: Verdict): Check => (v) => {
  if (!isRecord(v)) return FAIL
  if (!isPlain(v)) return ABORT
  for (const prop of props) {
    const verdict = prop(v)
    if (verdict !== ACCEPT) return asWhole(verdict, fault)
  }
  return ACCEPT
}

const recordOf = (domain: Check, codomain: Check, fault: Verdict): Check => (v) => {
  if (!isRecord(v)) return FAIL
  if (!isPlain(v)) return ABORT
  for (const key in v) {
    if (!hasOwn.call(v, key) || domain(key) !== ACCEPT) return ABORT
    const verdict = codomain(v[key])
    if (verdict !== ACCEPT) return asWhole(verdict, fault)
  }
  return ACCEPT
}

const exactly = (inner: Check, keys: ReadonlySet<string>, fault: Verdict): Check => (v) => {
  if (!isRecord(v)) return FAIL
  const verdict = inner(v)
  if (verdict !== ACCEPT) return asWhole(verdict, fault)
  if (!isPlain(v)) return ABORT
  for (const key in v) if (!keys.has(key)) return ABORT
  return ACCEPT
}

const anyOf = (members: readonly Check[], fault: Verdict): Check => (v) => {
  for (const member of members) {
    const verdict = member(v)
    if (verdict !== FAIL) return verdict
  }
  return fault
}

const allOf = (members: readonly Check[], fault: Verdict, ofRecords: boolean): Check => (v) => {
  if (ofRecords && !isRecord(v)) return FAIL
  for (const member of members) {
    const verdict = member(v)
    if (verdict !== ACCEPT) return asWhole(verdict, fault)
  }
  return ACCEPT
}
