import { hash } from 'node:crypto'
import type { Position } from '../envelope.js'

/** 128 bits of sha256 in hex: equal parts give equal ids, on every engine. */
export const stableId = (parts: readonly unknown[]): string => stableIdOfJson(JSON.stringify(parts))

/** The same, of parts that are one JSON array already. */
export const stableIdOfJson = (json: string): string => hash('sha256', json, 'hex').slice(0, 32)

/** A position or a path as a JSON array, most of which hold one number. */
export const partsJson = (parts: Position): string => {
  const [only] = parts
  return parts.length === 1 && Number.isFinite(only) ? `[${only}]` : JSON.stringify(parts)
}
