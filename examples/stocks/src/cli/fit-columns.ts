import { widthOf, type Column } from './table.js'

/** A table that fits: which columns are shown, and how wide each may be. */
export interface Fitted {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
}

const GAP_CELLS = 2

const naturalWidth = ({ title, maxWidth = Infinity }: Column, cells: readonly string[]): number =>
  Math.max(widthOf(title), Math.min(maxWidth, cells.reduce((width, cell) => Math.max(width, widthOf(cell)), 0)))

const shrink = (columns: readonly Column[], widths: readonly number[], excess: number): readonly Column[] => {
  let left = excess
  return columns.map((column, i) => {
    const width = widths[i] ?? 0
    const less = Math.max(0, Math.min(left, width - (column.minWidth ?? width)))
    left -= less
    return less === 0 ? column : { ...column, maxWidth: width - less }
  })
}

const leastImportant = (columns: readonly Column[]): number =>
  columns.reduce((found, { drop = 0 }, i) => (drop > (columns[found]?.drop ?? 0) ? i : found), 0)

/**
 * Makes a table fit into so many cells: columns with a `minWidth` are cut to it at most; where that is not enough, those with
 * the highest `drop` go. What has neither stays, whatever the width.
 */
export const fitColumns = (columns: readonly Column[], rows: readonly (readonly string[])[], width: number): Fitted => {
  const widths = columns.map((column, i) => naturalWidth(column, rows.map((row) => row[i] ?? '')))
  const excess = widths.reduce((sum, cells) => sum + cells + GAP_CELLS, -GAP_CELLS) - width
  const spare = columns.reduce((sum, { minWidth }, i) => sum + Math.max(0, (widths[i] ?? 0) - (minWidth ?? widths[i] ?? 0)), 0)
  const least = leastImportant(columns)
  if (excess <= spare || (columns[least]?.drop ?? 0) === 0) return { columns: shrink(columns, widths, Math.max(0, excess)), rows }
  const without = <A>(list: readonly A[]): readonly A[] => list.filter((_, i) => i !== least)
  return fitColumns(without(columns), rows.map(without), width)
}
