import { seededRandom } from '@millrace/core/testing'

/** When a run is killed: while it starts, as soon as frames come, as a checkpoint is written, or at any time after that. */
const KINDS = [
  ['starting', 4],
  ['first frames', 5],
  ['checkpoint', 5],
  ['any time', 6],
]
const OF = 20

/** After the moment that its kind waits for, so many milliseconds pass at most. */
const WITHIN_MILLIS = { starting: 900, 'first frames': 30, checkpoint: 4, 'any time': 1_500 }

const shuffled = (items, random) => items.map((item) => [random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item)

/** Kills, as a seed decides: each kind has its share of them, in any order. */
export const liveMoments = (kills, seed) => {
  const random = seededRandom(seed)
  const kinds = KINDS.flatMap(([kind, share]) => Array.from({ length: Math.ceil((share * kills) / OF) }, () => kind))
  return shuffled(kinds, random).slice(0, kills).map((kind) => ({ kind, delayMillis: random() * WITHIN_MILLIS[kind], frames: 1 + Math.floor(random() * 20) }))
}
