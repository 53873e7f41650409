import { crc32 } from 'node:zlib'

/** Before each record: its length and a checksum of both, as unsigned 32-bit little-endian. */
export const FRAME_BYTES = 8

/** Of one record: what its length field can say. */
export const MAX_RECORD_BYTES = 2 ** 32 - 1

const checksum = (head: Buffer, payload: Uint8Array): number => crc32(payload, crc32(head.subarray(0, 4)))

/** The eight bytes that go before the record. */
export const frameOf = (payload: Uint8Array): Buffer => {
  if (payload.length > MAX_RECORD_BYTES)
    throw new RangeError(`a record of ${payload.length} bytes; at most ${MAX_RECORD_BYTES} fit`)
  const head = Buffer.alloc(FRAME_BYTES)
  head.writeUInt32LE(payload.length, 0)
  head.writeUInt32LE(checksum(head, payload), 4)
  return head
}

/** Length that the frame claims: believe it only after `isIntact`. */
export const framedBytes = (head: Buffer): number => head.readUInt32LE(0)

/** Whether the record is the one that was framed. */
export const isIntact = (head: Buffer, payload: Uint8Array): boolean => head.readUInt32LE(4) === checksum(head, payload)
