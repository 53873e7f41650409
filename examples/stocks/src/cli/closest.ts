const MAX_EDITS = 2

/** How many letters must be changed, added or removed to make one word of the other. */
const edits = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The known word that was probably meant; `undefined` if none is near. */
export const closest = (word: string, known: readonly string[]): string | undefined => {
  const [best] = known.map((candidate) => ({ candidate, distance: edits(word, candidate) })).sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= MAX_EDITS ? best.candidate : undefined
}
