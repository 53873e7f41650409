import { widthOf } from './table.js'

/** Breaks a text between words into lines of so many cells, the later ones indented. A word that is longer stays whole. */
export const wrap = (text: string, width: number, indent = '  '): readonly string[] => {
  const [first = '', ...words] = text.trimStart().split(' ')
  const margin = text.slice(0, text.length - text.trimStart().length)
  const lines: string[] = []
  let line = margin + first
  for (const word of words) {
    if (widthOf(`${line} ${word}`) <= width) line += ` ${word}`
    else {
      lines.push(line.trimEnd())
      line = `${margin}${indent}${word}`
    }
  }
  return [...lines, line]
}
