import { stripVTControlCharacters } from 'node:util'

/** One column of a table. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Longer cells are cut, with an ellipsis. */
  readonly maxWidth?: number
  /** Where the table is too wide, it may be cut down to this. */
  readonly minWidth?: number
  /** Where that is not enough, columns are left out, the highest number first. */
  readonly drop?: number
}

const GAP = '  '
const WIDE = /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const ZERO_WIDTH = /[\p{M}\u200b-\u200f\u2060\ufeff]/u
// Controls, line and bidi separators: in a terminal they would move the cursor or turn the line around.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Makes any text harmless for a terminal: control and direction characters are written as `\\u{…}`. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

const widthOfCharacter = (character: string): number => (ZERO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** How many terminal cells a text takes, colours aside. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const character of stripVTControlCharacters(text)) width += widthOfCharacter(character)
  return width
}

/** Cuts an uncoloured text to so many cells, with an ellipsis where something is missing. */
export const fit = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let cut = ''
  let used = 0
  for (const character of text) {
    const next = widthOfCharacter(character)
    if (used + next > width - 1) break
    cut += character
    used += next
  }
  return `${cut}…`
}

const pad = (text: string, width: number, align: Column['align']): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}

/** A table as lines, columns aligned. Cells must be printable (`printable`). */
export const tableLines = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paintTitle: (text: string) => string,
): readonly string[] => {
  const cells = rows.map((row) => columns.map(({ maxWidth = Infinity }, i) => fit(row[i] ?? '', maxWidth)))
  const widths = columns.map(({ title }, i) => cells.reduce((width, row) => Math.max(width, widthOf(row[i] ?? '')), widthOf(title)))
  const lineOf = (row: readonly string[]): string => columns.map(({ align }, i) => pad(row[i] ?? '', widths[i] ?? 0, align)).join(GAP).trimEnd()
  return [paintTitle(lineOf(columns.map(({ title }) => title))), ...cells.map(lineOf)]
}
