import { seededRandom } from '@millrace/core/testing'

const nameOf = (point: string): string => point.slice(0, point.lastIndexOf('#'))

const shuffled = <A>(items: readonly A[], random: () => number): readonly A[] =>
  items.map((item) => ({ item, order: random() })).sort((a, b) => a.order - b.order).map(({ item }) => item)

/** Few, and where half of something may be undone: these are always tried. */
const isAlways = (point: string): boolean => point.includes('rollbackRun')

/** `count` of the points: one of a name before a second one of any. */
const sample = (points: readonly string[], count: number, random: () => number): readonly string[] => {
  const taken = new Map<string, number>()
  const ranked = shuffled(points, random).map((point) => {
    const rank = taken.get(nameOf(point)) ?? 0
    taken.set(nameOf(point), rank + 1)
    return { point, rank: isAlways(point) ? -1 : rank }
  })
  const chosen = new Set(ranked.sort((a, b) => a.rank - b.rank).slice(0, count).map(({ point }) => point))
  return points.filter((point) => chosen.has(point))
}

/**
 * Some points by chance: `count`, or `MILLRACE_CRASH_POINTS`, which may also be `all`; never more than `most`. Those of the clock only
 * among all: there are too many of them.
 */
export const choosing = (count: number, seed: number, most: number) => (points: readonly string[]): readonly string[] => {
  const asked = process.env['MILLRACE_CRASH_POINTS'] ?? String(count)
  if (asked === 'all' && points.length <= most) return points
  const wanted = asked === 'all' ? most : Math.min(most, Number(asked))
  return sample(points.filter((point) => !point.startsWith('clock.')), wanted, seededRandom(seed))
}
