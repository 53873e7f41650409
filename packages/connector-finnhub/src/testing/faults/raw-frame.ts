import { Buffer } from 'node:buffer'

const TEXT = 1
const BINARY = 2

const headerOf = (opcode: number, length: number): Buffer => {
  const first = 0x80 | opcode
  if (length < 126) return Buffer.from([first, length])
  const header = Buffer.alloc(length < 65_536 ? 4 : 10)
  header[0] = first
  header[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

/** A message as one websocket frame, as it goes over the wire from a server: RFC 6455, section 5.2. */
export const rawFrame = (data: string | Uint8Array, binary: boolean): Buffer => {
  const payload = typeof data === 'string' ? Buffer.from(data) : data
  return Buffer.concat([headerOf(binary ? BINARY : TEXT, payload.length), payload])
}
