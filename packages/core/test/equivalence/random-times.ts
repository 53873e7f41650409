import type { Dice } from './dice.js'

/** How one partition's times go. */
export type Times = () => number

/** Rows of records far ahead of the others, more or less near each other; now and then all later ones go on from there. */
export const jumping = (dice: Dice, spread: number): Times => {
  const ahead = dice.pick([120, 180, 300, 1_000])
  const apart = dice.pick([10, 10, 40, 200])
  let level = 0
  let left = 0
  return () => {
    level += 2
    if (left === 0) {
      left = dice.oneIn(3) ? dice.pick([1, 2, 2, 3, 3, 4]) : 0
      return level + dice.int(-Math.min(spread, 20), 0)
    }
    left--
    const time = level + ahead + dice.int(0, apart)
    if (left === 0 && dice.oneIn(4)) level += ahead
    return time
  }
}

/** Four milliseconds a record, more or less. */
export const ascending = (dice: Dice, spread: number): Times => {
  let at = 0
  return () => (at += 4) + dice.int(-spread, spread)
}

/** Times for one partition, and about where they are. */
export const timesOf = (dice: Dice): { readonly base: number; readonly next: Times } => {
  const base = dice.pick([0, 0, 0, 100, -60, -1_000, 1_700_000_000_000])
  const spread = dice.pick([0, 3, 20, 100])
  const style = dice.pick([
    ascending,
    ascending,
    jumping,
    jumping,
    (): Times => () => dice.int(0, 150),
    (): Times => () => 0,
  ])(dice, spread)
  const fractions = dice.oneIn(10) ? [0, 0.5, 0.1] : [0]
  return { base, next: () => base + style() + dice.pick(fractions) }
}
