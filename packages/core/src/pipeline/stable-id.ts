import { hash } from 'node:crypto'

/** 128 bits of sha256 in hex: equal parts give equal ids, on every engine. */
export const stableId = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)
