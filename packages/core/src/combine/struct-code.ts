import { isTaken, refuseTaken } from './part.js'
import { placeOf, type AnyCombine, type Leaf, type Parts, type Plan } from './struct-plan.js'

// Why code and not a loop: with a call site of its own V8 inlines each user function and each built-in, and the
// accumulator is one object of a fixed shape with unboxed numbers: a tenth of the time for seven parts.

/** JavaScript for `root.name.name`. */
export const at = (root: string, names: readonly string[]): string =>
  root + names.map((name) => `[${JSON.stringify(name)}]`).join('')

/** The first leaf with the same function: open, high, low and close of one price ask for it once. */
export const sharedWith = (leaf: Leaf, leaves: readonly Leaf[]): number =>
  leaves.findIndex(({ part }) => part.take === leaf.part.take)

/** Takes from `value` what the leaf asks for, as `x0`, `x1`, …: before anything is changed, since it may throw. */
export const takeLine = (leaf: Leaf, i: number, leaves: readonly Leaf[]): string => {
  const { accepts } = leaf.part
  if (accepts === 'nothing') return ''
  const shared = sharedWith(leaf, leaves)
  const x = `x${shared}`
  const deeper = accepts === 'data' ? ` && !isTaken(${x}, 'data')` : ''
  return `${shared === i ? `const ${x} = take${i}(value)` : ''}
    if (typeof ${x} !== 'number'${deeper}) refuse(${JSON.stringify(placeOf(leaf))}, ${x}, '${accepts}')`
}

const applyLine = (leaf: Leaf, i: number, leaves: readonly Leaf[]): string => {
  const acc = at('acc', leaf.names)
  const taken = leaf.part.accepts === 'nothing' ? 'null' : `x${sharedWith(leaf, leaves)}`
  return `${acc} = apply${i}(${acc}, ${taken}, element)`
}

// One custom add leaves its own accumulator alone when it throws. With several, the second may throw when the first
// has changed its own: each adds to an empty accumulator, and only then are all merged.
const customLines = ({ customs }: Plan): readonly string[] => {
  if (customs.length === 1)
    return customs.map(({ names }) => `${at('acc', names)} = custom0.add(${at('acc', names)}, element)`)
  return [
    ...customs.map((_, i) => `const one${i} = custom${i}.add(custom${i}.create(), element)`),
    ...customs.map(({ names }, i) => `${at('acc', names)} = custom${i}.merge(${at('acc', names)}, one${i})`),
  ]
}

/** A constant for each of `count` parts; `#` in `from` is its number. */
export const declare = (name: string, from: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `const ${name}${i} = ${from.replace('#', String(i))}`).join('\n')

const codeOf = (parts: Parts, plan: Plan): string => {
  const names = Object.keys(parts)
  const fields = (value: (name: string, i: number) => string): string =>
    names.map((name, i) => `${JSON.stringify(name)}: ${value(name, i)}`).join(', ')
  return `'use strict'
  ${declare('take', 'leaves[#].part.take', plan.leaves.length)}
  ${declare('apply', 'leaves[#].part.apply', plan.leaves.length)}
  ${declare('custom', 'customs[#].combine', plan.customs.length)}
  ${declare('part', 'combines[#]', names.length)}
  const create = () => ({ ${fields((_, i) => `part${i}.create()`)} })
  const add = (acc, element) => {
    const value = element.value
    ${plan.leaves.map(takeLine).join('\n    ')}
    ${customLines(plan).join('\n    ')}
    ${plan.leaves.map(applyLine).join('\n    ')}
    return acc
  }
  const merge = (a, b) => {
    ${names.map((name, i) => `${at('a', [name])} = part${i}.merge(${at('a', [name])}, ${at('b', [name])})`).join('\n    ')}
    return a
  }
  const extract = (acc) => ({ ${fields((name, i) => `part${i}.extract(${at('acc', [name])})`)} })
  return { create, add, merge, extract }`
}

/**
 * The struct as generated code. Part names go into it as JSON strings only. @throws EvalError where code generation
 * is forbidden
 */
export const compileStruct = (parts: Parts, plan: Plan): AnyCombine => {
  // Node's --disallow-code-generation-from-strings makes this throw; the caller has a way without.
  const make = new Function('leaves', 'customs', 'combines', 'refuse', 'isTaken', codeOf(parts, plan))
  return make(plan.leaves, plan.customs, Object.values(parts), refuseTaken, isTaken)
}
