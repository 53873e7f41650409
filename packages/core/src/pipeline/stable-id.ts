import { hash } from 'node:crypto'
import type { Position } from '../envelope.js'

/** 128 bits of sha256 in hex: equal parts give equal ids, on every engine. */
export const stableId = (parts: readonly unknown[]): string => stableIdOfJson(JSON.stringify(parts))

/** The same, of parts that are one JSON array already. */
export const stableIdOfJson = (json: string): string => hash('sha256', json, 'hex').slice(0, 32)

/** Paths through one flatMap, by index: most letters and rows have one of these. */
const indexTexts: readonly string[] = Array.from({ length: 1_024 }, (_, index) => `[${index}]`)

/** A position or a path as a JSON array, most of which hold one number or none. */
export const partsJson = (parts: Position): string => {
  if (parts.length === 0) return '[]'
  const [only] = parts
  if (parts.length !== 1 || typeof only !== 'number') return JSON.stringify(parts)
  return indexTexts[only] ?? (Number.isFinite(only) ? `[${only}]` : '[null]')
}
