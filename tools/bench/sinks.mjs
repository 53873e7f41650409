const written = { _tag: 'Written' }

const sinkOf = (name, take) => ({
  name,
  reach: 'local',
  accepts: 'single',
  guarantee: 'repeating',
  open: async () => ({
    write: async (rows) => {
      for (const row of rows) take(row)
      return rows.map(() => written)
    },
    close: async () => undefined,
  }),
})

/** Keeps the values. */
export const keepingSink = (name) => {
  const values = []
  return { sink: sinkOf(name, ({ value }) => values.push(value)), values }
}

/** Keeps nothing of dead letters, but looks at each. */
export const countingSink = (name) => {
  const seen = { count: 0, textLength: 0 }
  const take = ({ rowId, value }) => {
    seen.count++
    seen.textLength += rowId.length + (value.stage_value_json?.length ?? 0)
  }
  return { sink: sinkOf(name, take), seen }
}

/** Keeps nothing of bars but their sums. */
export const summingSink = (name) => {
  const sums = { rows: 0, n: 0, v: 0, pv: 0 }
  const take = ({ value: { n, v, pv } }) => {
    sums.rows++
    sums.n += n
    sums.v += v
    sums.pv += pv
  }
  return { sink: sinkOf(name, take), sums }
}
