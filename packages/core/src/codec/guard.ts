import type * as t from 'io-ts'
import { shapeOf } from './codec-shape.js'
import { analyse } from './guard-analysis.js'
import { composed } from './guard-closure.js'
import { compiled, type Accepts } from './guard-compile.js'
import { type Plan } from './guard-plan.js'
import { hasStockDecode } from './guard-pristine.js'

/**
 * A fast check made from an io-ts codec.
 * @public
 */
export interface Guard {
  /**
   * One-sided: `true` means that `codec.decode(value)` is `right` of a deep-equal value; `false` says nothing, and io-ts
   * is to be asked. Never throws, keeps nothing and allocates nothing.
   *
   * It holds for data, as `JSON.parse` and programs make it: fields can be read, answer the same each time, and are
   * enumerable (a hidden one under `t.exact` is not seen, so not stripped); and for predicates that answer the same
   * each time. What answers otherwise the second time could fool io-ts just as well.
   */
  readonly accepts: (value: unknown) => boolean
  /** The parts of the codec that only io-ts can judge, as `place: name (why)`. Any of them, and `accepts` is `false`. */
  readonly opaque: readonly string[]
  /** `closures` where code from strings is forbidden (`--disallow-code-generation-from-strings`); `none` if opaque. */
  readonly flavour: 'compiled' | 'closures' | 'none'
}

/**
 * Makes the guard of a codec, once, at construction. It understands the stock codecs of io-ts: primitives, literal,
 * keyof, type, partial, strict, exact, array, tuple, record, union, intersection, readonly, and refinements and brands
 * of these. Codecs of another make, with a `validate` of their own, or recursive, are left to io-ts as a whole.
 * @public
 */
export const compileGuard = (codec: t.Any): Guard => {
  const shape = shapeOf(codec)
  const { plan, opaque } = analyse(shape)
  if (plan === undefined) return none(opaque)
  if (!hasStockDecode(shape)) return none([`${codec.name} (has a decode of its own)`])
  return { ...fastest(plan), opaque }
}

const none = (opaque: readonly string[]): Guard => ({ accepts: () => false, opaque, flavour: 'none' })

const fastest = (plan: Plan): { readonly accepts: Accepts; readonly flavour: 'compiled' | 'closures' } => {
  try {
    return { accepts: compiled(plan), flavour: 'compiled' }
  } catch (thrown) {
    if (thrown instanceof EvalError) return { accepts: composed(plan), flavour: 'closures' }
    throw thrown
  }
}
