import type { PackedRecords } from './source.js'

/** When record `index` was received, Unix epoch. */
export const receivedAtOf = ({ receivedAtMillis }: PackedRecords, index: number): number =>
  typeof receivedAtMillis === 'number' ? receivedAtMillis : (receivedAtMillis[index] as number) // as: one stamp per record
