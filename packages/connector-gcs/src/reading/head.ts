/** How much of the unpacked content tells whether it is binary. */
const HEAD_BYTES = 4 * 1024
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** What the first bytes of the unpacked content say. @internal */
export interface Head {
  /** Chunks that were read for it, in order: not framed yet. */
  readonly chunks: readonly Buffer[]
  /** Bytes of a UTF-8 byte order mark. */
  readonly bomBytes: 0 | 3
  readonly binary: boolean
  /** Begins with the byte order mark of UTF-16. */
  readonly utf16: boolean
}

/** Reads the first chunks, until they tell. @internal */
export const readHead = async (chunks: AsyncGenerator<Buffer, void>): Promise<Head> => {
  const read: Buffer[] = []
  let bytes = 0
  while (bytes < HEAD_BYTES) {
    const next = await chunks.next()
    if (next.done === true) break
    read.push(next.value)
    bytes += next.value.length
  }
  const head = read.length === 1 && read[0] !== undefined ? read[0] : Buffer.concat(read)
  return {
    chunks: read,
    bomBytes: head.subarray(0, BOM.length).equals(BOM) ? 3 : 0,
    binary: head.subarray(0, HEAD_BYTES).includes(0),
    utf16: head.length >= 2 && (head.readUInt16BE(0) === 0xfffe || head.readUInt16BE(0) === 0xfeff),
  }
}
