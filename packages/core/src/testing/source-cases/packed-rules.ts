import type { PackedRecords } from '../../source.js'
import { packedBytes } from '../flat-records.js'

const openBrace = 0x7b
const closeBrace = 0x7d
const comma = 0x2c
const blanks: readonly number[] = [0x20, 0x09, 0x0a, 0x0d]

const layoutFault = (packed: PackedRecords, index: number): string | undefined => {
  const start = packed.starts[index] ?? -1
  const end = packed.ends[index] ?? -1
  const position = packed.positions[index] ?? -1
  if (start < 0 || start > end) return `it starts at ${start} and ends at ${end}`
  if (end > packed.buffer.length) return `it ends at ${end}, the buffer has ${packed.buffer.length} bytes`
  if (!Number.isSafeInteger(position) || position < 0) return `its position is ${position}`
  return undefined
}

const isFlatObject = (record: Buffer): boolean =>
  record.length > 1 &&
  record[0] === openBrace &&
  record.lastIndexOf(openBrace) === 0 &&
  record.indexOf(closeBrace) === record.length - 1

const isSeparator = (between: Buffer): boolean =>
  between.length > 0 && between.every((byte, i) => blanks.includes(byte) || (i === 0 && byte === comma))

const joinableFault = (packed: PackedRecords, index: number): string | undefined => {
  if (packed.joinable?.[index] !== 1) return undefined
  const end = packed.ends[index] ?? 0
  if (index + 1 >= packed.count) return 'it is joinable, and there is no next record'
  if (packed.failures?.has(index) || packed.failures?.has(index + 1)) return 'it is joinable, and it or the next one has a failure'
  if (!isFlatObject(packedBytes(packed, index))) return 'it is joinable, and not one flat object'
  const next = packed.starts[index + 1] ?? 0
  if (packed.buffer[next] !== openBrace) return 'it is joinable, and the next record is no object'
  if (!isSeparator(packed.buffer.subarray(end, next))) return 'it is joinable, and what follows it is neither a comma and blanks nor blanks'
  return undefined
}

const columnFaults = ({ count, starts, ends, positions, failures, trueBytes }: PackedRecords): readonly string[] => [
  ...(starts.length < count || ends.length < count || positions.length < count ? [`a column is shorter than ${count}`] : []),
  ...[...(failures?.keys() ?? []), ...(trueBytes?.keys() ?? [])]
    .filter((index) => !(Number.isInteger(index) && index >= 0 && index < count))
    .map((index) => `a failure or true length is for record ${index} of ${count}`),
]

/** In words, every rule of `PackedRecords` that these break. */
export const packedFaults = (packed: PackedRecords): readonly string[] => {
  const faults = [...columnFaults(packed)]
  if (faults.length > 0) return faults
  for (let index = 0; index < packed.count; index++) {
    const fault = layoutFault(packed, index) ?? joinableFault(packed, index)
    if (fault !== undefined) faults.push(`record ${index}: ${fault}`)
  }
  return faults
}
