import { createHash } from 'node:crypto'

// Lower case, digits, - and _ stay. All else is escaped byte by byte: also upper case, because some file systems take
// `A` for `a`.
const escaped = (byte: number): string => {
  const char = String.fromCharCode(byte)
  return /[a-z0-9_-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`
}

// File systems allow 255 bytes a name.
const LONGEST = 120

/** A folder's name for any text: different for different texts, safe on every file system. */
export const folderName = (text: string): string => {
  const name = Array.from(Buffer.from(text, 'utf8'), escaped).join('')
  if (name === '') return '%'
  if (name.length <= LONGEST) return name
  return `${name.slice(0, LONGEST / 2)}~${createHash('sha256').update(text).digest('hex')}`
}
