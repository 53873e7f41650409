import { seededRandom } from '@millrace/core/testing'

/** How busy a market is from second to second. */
export interface Tempo {
  /** About how many times the usual number of trades happens in this second since the opening. */
  readonly weight: (second: number) => number
  /** Whether trading in the symbol of this index is halted. */
  readonly isHalted: (symbol: number, second: number) => boolean
}

const THIN_SHARE = 0.12
const HALTED_SHARE = 0.04
const OPENING_FACTOR = 5
const CLOSING_FACTOR = 4

/** Stretches are a fortieth of the market's length, from 5 s to 5 min: short markets have thin ones and halts too. */
const stretchSeconds = (millis: number): number =>
  millis === Infinity ? 20 : Math.min(300, Math.max(5, Math.floor(millis / 40_000)))

interface Stretch {
  readonly thinFactor: number
  readonly halted: readonly boolean[]
}

const USUAL: Stretch = { thinFactor: 1, halted: [] }

const drawStretch = (seed: number, index: number, symbols: number): Stretch => {
  // The opening is never thin: who starts a market wants to see it trade.
  if (index < 2) return USUAL
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b))
  const thinFactor = random() < THIN_SHARE ? random() * 0.1 : 1
  return { thinFactor, halted: Array.from({ length: symbols }, () => random() < HALTED_SHARE) }
}

/** Bursts at the opening and at the close, thin stretches between them, and halts of single symbols. */
export const tempoOf = (seed: number, millis: number, symbols: number): Tempo => {
  const seconds = stretchSeconds(millis)
  let current = { index: -1, stretch: USUAL }
  const stretchAt = (second: number): Stretch => {
    const index = Math.floor(second / seconds)
    if (current.index !== index) current = { index, stretch: drawStretch(seed, index, symbols) }
    return current.stretch
  }
  const burst = (distance: number): number => Math.exp(-distance / seconds)
  return {
    weight: (second) => {
      const bursts = OPENING_FACTOR * burst(second) + CLOSING_FACTOR * burst(millis / 1_000 - second)
      return Math.max(bursts, stretchAt(second).thinFactor)
    },
    isHalted: (symbol, second) => stretchAt(second).halted[symbol] === true,
  }
}
