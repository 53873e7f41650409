import { expectTypeOf } from 'expect-type'
import { combine, type Combine } from '@millrace/core'

interface Trade {
  readonly p: number
  readonly v: number
  readonly s: string
}

const bar = combine.struct({
  open: combine.first((x: Trade) => x.p),
  high: combine.max((x: Trade) => x.p),
  symbol: combine.last((x: Trade) => x.s),
  trades: combine.count<Trade>(),
})
expectTypeOf(bar.extract).returns.toEqualTypeOf<{
  readonly open: number
  readonly high: number
  readonly symbol: string
  readonly trades: number
}>()
expectTypeOf(bar.add).parameter(1).toHaveProperty('value').toEqualTypeOf<Trade>()

const mixed = combine.struct({ a: combine.sum((v: { x: number }) => v.x), b: combine.sum((v: { y: number }) => v.y) })
// The accumulator is the struct's own business: any.
export const whole: Combine<{ x: number; y: number }, any, { readonly a: number; readonly b: number }> = mixed
// @ts-expect-error parts over different inputs: the struct needs an input that has both
export const half: Combine<{ x: number }, any, unknown> = mixed

const nested = combine.struct({ bar, mean: combine.mean((x: { extra: number }) => x.extra) })
export const nestedWhole: Combine<
  Trade & { extra: number },
  any,
  { readonly bar: { readonly high: number }; readonly mean: number }
> = nested
// @ts-expect-error the input of the inner struct is needed too
export const nestedHalf: Combine<{ extra: number }, any, unknown> = nested

// @ts-expect-error a sum is of numbers
combine.sum((x: Trade) => x.s)
// @ts-expect-error a part is a combine
combine.struct({ high: (x: Trade) => x.p })
