/** Of a point `name#occurrence`. */
const nameOf = (point: string): string => point.slice(0, point.lastIndexOf('#'))
const occurrenceOf = (point: string): number => Number(point.slice(point.lastIndexOf('#') + 1))

/** How often a point is passed depends on how many frames one read of the socket brings: only the first one is sure. */
export const mayMiss = (point: string): boolean => occurrenceOf(point) > 1 || point.startsWith('clock.')

/** Half-written records: two of each are always tried. */
const isTorn = (point: string): boolean => nameOf(point).endsWith(':middle')
const TORN = 2

/** Points early enough that most runs get there, so that few tries are wasted. */
const isLikely = (point: string, last: ReadonlyMap<string, number>): boolean => occurrenceOf(point) <= Math.max(1, (last.get(nameOf(point)) ?? 0) * 0.7)

const shuffled = <A>(items: readonly A[], random: () => number): readonly A[] =>
  items.map((item) => ({ item, order: random() })).toSorted((a, b) => a.order - b.order).map(({ item }) => item)

/**
 * Some points by chance, one of each name before a second one of any; those of the clock only among all: there are too many of them.
 * @param asked how many, or `all`
 */
export const chosenPoints = (asked: string, random: () => number) => (points: readonly string[]): readonly string[] => {
  if (asked === 'all') return points
  const last = new Map(points.map((point) => [nameOf(point), occurrenceOf(point)]))
  const taken = new Map<string, number>()
  const likely = points.filter((point) => !point.startsWith('clock.') && isLikely(point, last))
  const ranked = shuffled(likely, random).map((point) => {
    const rank = taken.get(nameOf(point)) ?? 0
    taken.set(nameOf(point), rank + 1)
    return { point, rank: isTorn(point) && rank < TORN ? -1 : rank }
  })
  const chosen = new Set(ranked.toSorted((a, b) => a.rank - b.rank).slice(0, Number(asked)).map(({ point }) => point))
  return points.filter((point) => chosen.has(point))
}
