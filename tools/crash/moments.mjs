import { seededRandom } from '@millrace/core/testing'

/** Parts of the bytes between which most kills must lie. */
export const WITHIN = { from: 0.05, to: 0.95 }

/** Aimed at a little less: on a busy machine a kill lands some per cent beside it, mostly behind. */
const AIMED = { from: 0.07, to: 0.88 }

const FEW = 0.05

/**
 * Where a run is to be killed, as parts of the bytes: one before the first of them is committed, one when all are read and
 * bars are being written, and the rest at random between.
 */
export const momentsOf = (kills, seed) => {
  const random = seededRandom(seed)
  const late = Math.ceil(kills * FEW)
  const early = Math.min(1, kills)
  const between = kills - early - late
  // One in each of equal slices, so that every run between two kills has something to do.
  const step = (AIMED.to - AIMED.from) / between
  const inner = Array.from({ length: between }, (_, i) => AIMED.from + step * (i + 0.15 + 0.7 * random()))
  return [...Array.from({ length: early }, () => 0), ...inner, ...Array.from({ length: late }, () => 1 + random())]
}
