import {
  ignoresUndefined, mayHaveSkipped, startWithRecord, takesUndefined, type Plan, type PropPlan,
} from './guard-plan.js'

/** What a compiled or composed guard is: see `Guard.accepts`. */
export type Accepts = (value: unknown) => boolean

/**
 * One function for a whole plan, by `new Function`.
 *
 * @throws EvalError where code from strings is forbidden
 */
export const compiled = (plan: Plan): Accepts => {
  const generator = new Generator()
  const body = generator.source(plan)
  // Property names and constants get in as JSON or as arguments only: nothing in a codec can become code.
  const make = new Function('isArray', 'hasOwn', 'prototypeOf', 'OBJECT', ...generator.names(), body) as ( // by body
    ...constants: readonly unknown[]
  ) => Accepts
  const { prototype, getPrototypeOf } = Object
  return make(Array.isArray, prototype.hasOwnProperty, getPrototypeOf, prototype, ...generator.constants)
}

/** Leaves the whole function: see the three ways of `Plan`. Outside all unions a fault does the same. */
const ABORT = 'return false'

/** Where the generated code is: the expression that is checked, and what a fault does. */
interface Site {
  readonly value: string
  readonly fail: string
  /** Inside a member of a tagged union: io-ts calls nothing of a member that was not chosen, so nothing was skipped. */
  readonly lenient: boolean
}

class Generator {
  readonly constants: unknown[] = []
  #fresh = 0
  /** Variables that are known to hold plain objects at this point of the code. */
  #plain = new Set<string>()

  source(plan: Plan): string {
    const checks = this.#checks(plan, { value: 'u', fail: ABORT, lenient: false })
    // A predicate or a getter that throws: io-ts is asked, throws too, and its caller deals with that.
    return `'use strict'\nreturn function accepts(u) {\ntry {\n${checks}return true\n} catch { return false }\n}`
  }

  names(): string[] {
    return this.constants.map((_, i) => `k${i}`)
  }

  #checks(plan: Plan, site: Site): string {
    const { value: v, fail } = site
    switch (plan.op) {
      case 'null':
      case 'undefined':
        return unless(`${v} === ${plan.op}`, fail)
      case 'string':
      case 'bigint':
      case 'boolean':
        return unless(`typeof ${v} === '${plan.op}'`, fail)
      case 'number':
        return unless(`typeof ${v} === 'number'`, fail) + notNaN(v)
      case 'unknown':
        return notNaN(v)
      case 'never':
        return `${fail}\n`
      case 'anyArray':
        return unless(`isArray(${v})`, fail)
      case 'anyRecord':
        return this.#plainObject(site)
      case 'literal':
        return this.#literal(plan.value, site)
      case 'keyof':
        return unless(`typeof ${v} === 'string' && hasOwn.call(${this.#constant(plan.keys)}, ${v})`, fail)
      case 'refinement':
        return this.#checks(plan.inner, site) + unless(`${this.#constant(plan.predicate)}(${v})`, fail)
      case 'union':
        return this.#union(plan, site)
      case 'intersection':
        return this.#intersection(plan, plan.members, site)
      case 'array':
      case 'tuple':
        return unless(`isArray(${v})`, fail) + this.#items(plan, inside(plan, site))
      case 'object':
        return this.#plainObject(site, plan.props[0]?.key) + this.#props(plan.props, inside(plan, site))
      case 'record':
        return this.#plainObject(site) + this.#entries(plan.domain, plan.codomain, inside(plan, site))
      case 'exact':
        return this.#plainObject(site) + this.#checks(plan.inner, inside(plan, site)) + this.#noOtherKeys(plan.keys, v)
    }
  }

  /** io-ts gives back the literal: for 0 and -0, which are equal, that need not be the value. */
  #literal(literal: string | number | boolean, { value: v, fail }: Site): string {
    const constant = this.#constant(literal)
    const sign = literal === 0 ? unless(`1 / ${v} === 1 / ${constant}`, ABORT) : ''
    return unless(`${v} === ${constant}`, fail) + sign
  }

  /**
   * Other records (class instances, null prototypes) io-ts may well accept: they abort. A property is read first: then V8
   * has looked at the object's shape, and knows the prototype of that without a call.
   */
  #plainObject({ value: v, fail }: Site, firstKey?: string): string {
    if (this.#plain.has(v)) return ''
    this.#plain.add(v)
    const record = `typeof ${v} === 'object' && ${v} !== null && !isArray(${v})`
    const look = firstKey === undefined ? '' : `${v}[${JSON.stringify(firstKey)}]\n`
    return unless(record, fail) + look + unless(`prototypeOf(${v}) === OBJECT`, ABORT)
  }

  #props(props: readonly PropPlan[], site: Site): string {
    return props.map((prop) => this.#prop(prop, site)).join('')
  }

  #prop({ key, plan, optional }: PropPlan, site: Site): string {
    const x = this.#variable()
    const quotedKey = JSON.stringify(key)
    const read = `const ${x} = ${site.value}[${quotedKey}]\n`
    const checks = this.#scoped(() => this.#checks(plan, { ...site, value: x }))
    if (ignoresUndefined(plan, optional)) return `${read}if (${x} !== undefined) {\n${checks}}\n`
    return read + (takesUndefined(plan) && !optional ? this.#filledIn(x, site.value, quotedKey) : '') + checks
  }

  /** `t.type` adds a property that is absent and may be undefined. */
  #filledIn(x: string, object: string, quotedKey: string): string {
    return unless(`${x} !== undefined || hasOwn.call(${object}, ${quotedKey})`, ABORT)
  }

  #items(plan: Plan & { readonly op: 'array' | 'tuple' }, site: Site): string {
    const { value: v } = site
    if (plan.op === 'tuple') {
      const items = plan.items.map((item, i) => this.#item(`${v}[${i}]`, item, site)).join('')
      // A longer one is cut by io-ts; a shorter one may pass.
      return unless(`${v}.length === ${plan.items.length}`, ABORT) + items
    }
    const [i, length] = [this.#variable(), this.#variable()]
    const item = this.#item(`${v}[${i}]`, plan.item, site)
    return `for (let ${i} = 0, ${length} = ${v}.length; ${i} < ${length}; ${i}++) {\n${item}}\n`
  }

  #item(expression: string, plan: Plan, site: Site): string {
    const x = this.#variable()
    return `const ${x} = ${expression}\n${this.#scoped(() => this.#checks(plan, { ...site, value: x }))}`
  }

  #entries(domain: Plan, codomain: Plan, site: Site): string {
    const key = this.#variable()
    const item = this.#item(`${site.value}[${key}]`, codomain, site)
    // A key that is not of the domain is dropped by io-ts.
    const checkKey = domain.op === 'string' ? '' : this.#checks(domain, { value: key, fail: ABORT, lenient: false })
    return `for (const ${key} in ${site.value}) {\n${this.#inherited(key, site.value)}${checkKey}${item}}\n`
  }

  #noOtherKeys(keys: readonly string[], v: string): string {
    const key = this.#variable()
    const known = keys.map((name) => `case ${JSON.stringify(name)}: `).join('')
    return `for (const ${key} in ${v}) switch (${key}) { ${known === '' ? '' : `${known}break; `}default: ${ABORT} }\n`
  }

  /** Somebody extended Object.prototype. */
  #inherited(key: string, object: string): string {
    return unless(`hasOwn.call(${object}, ${key})`, ABORT)
  }

  #intersection(plan: Plan, members: readonly Plan[], site: Site): string {
    // io-ts tries all members: only where none of them gets beyond its first check is nothing skipped.
    const first = startWithRecord(members) ? this.#plainObject(site) : ''
    return first + members.map((member) => this.#checks(member, inside(plan, site))).join('')
  }

  /** Of a tagged union, none of whose members fitted, io-ts may have called the predicates of one. */
  #union(plan: Plan & { readonly op: 'union' }, { value, fail }: Site): string {
    const accepted = this.#variable()
    const tries = plan.members.map((member) => {
      const next = this.#variable()
      const checks = this.#scoped(() => this.#checks(member, { value, fail: `break ${next}`, lenient: plan.tagged }))
      return `${next}: {\n${checks}break ${accepted}\n}\n`
    })
    return `${accepted}: {\n${tries.join('')}${plan.tagged && plan.predicated ? ABORT : fail}\n}\n`
  }

  /** What is found out in a branch is not known after it. */
  #scoped(generate: () => string): string {
    const before = this.#plain
    this.#plain = new Set(before)
    const code = generate()
    this.#plain = before
    return code
  }

  #constant(value: unknown): string {
    const known = this.constants.findIndex((constant) => Object.is(constant, value))
    return `k${known >= 0 ? known : this.constants.push(value) - 1}`
  }

  #variable(): string {
    return `v${this.#fresh++}`
  }
}

const unless = (condition: string, otherwise: string): string => `if (!(${condition})) ${otherwise}\n`

/** `x !== x` makes io-ts copy what holds it. */
const notNaN = (v: string): string => `if (${v} !== ${v}) ${ABORT}\n`

/** Where the parts of a plan are checked. */
const inside = (plan: Plan, site: Site): Site =>
  mayHaveSkipped(plan) && !site.lenient ? { ...site, fail: ABORT } : site
