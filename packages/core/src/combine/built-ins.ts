import { count } from './count.js'
import { max, min } from './extremes.js'
import { first } from './first.js'
import { last } from './last.js'
import { mean } from './mean.js'
import { struct } from './struct.js'
import { sum } from './sum.js'

/**
 * The built-in combines. All give the same answer to the bit in whatever order elements are added and accumulators
 * merged; none keeps more than a few numbers a key and window.
 * @example
 * const bar = combine.struct({ high: combine.max((x: Trade) => x.p), trades: combine.count<Trade>() })
 * @public
 */
export const combine = { count, sum, min, max, first, last, mean, struct } as const
