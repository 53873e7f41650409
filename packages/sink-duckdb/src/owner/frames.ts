import { ConnectorError, type Data, packData, unpackData } from '@millrace/core'

/** Before each message: its length in bytes, big-endian. */
const HEAD_BYTES = 4

/** A question is a statement and its values. */
export const MAX_QUESTION_BYTES = 2 ** 20

/** Answers come in pieces of about a mebibyte, but a row is never cut: one of dead letters may have 16 MB of text several times. */
export const MAX_ANSWER_BYTES = 2 ** 27

const tooLarge = (what: string, bytes: number, limitBytes: number): ConnectorError =>
  new ConnectorError({
    _tag: 'TooLarge', code: 'ResourceExhausted',
    message: `${what} has ${bytes} bytes, and at most ${limitBytes} can be sent to or from the process that has the DuckDB file: ask for less`,
  })

/**
 * A message as it is sent.
 * @param what - begins the error: `the question`
 * @throws ConnectorError `TooLarge` beyond `limitBytes`
 */
export const frameOf = (message: Data, what: string, limitBytes: number): Uint8Array => {
  const packed = packData(message)
  if (packed.length > limitBytes) throw tooLarge(what, packed.length, limitBytes)
  const frame = Buffer.allocUnsafe(HEAD_BYTES + packed.length)
  frame.writeUInt32BE(packed.length)
  frame.set(packed, HEAD_BYTES)
  return frame
}

/** Puts messages together again from whatever pieces they arrive in. */
export class FrameReader {
  readonly #limitBytes: number
  #pieces: Uint8Array[] = []
  #bytes = 0
  #needed = HEAD_BYTES
  #inBody = false

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /**
   * The messages that are whole with these bytes. Nothing is reserved for what is only announced.
   * @throws ConnectorError for a message beyond the limit, or that is none
   */
  *push(bytes: Uint8Array): Generator<Data> {
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
    while (this.#bytes >= this.#needed) {
      const taken = this.#take()
      if (this.#inBody) yield unpackData(taken)
      this.#needed = this.#inBody ? HEAD_BYTES : this.#lengthIn(taken)
      this.#inBody = !this.#inBody
    }
  }

  #lengthIn(head: Buffer): number {
    const length = head.readUInt32BE()
    if (length > this.#limitBytes) throw tooLarge('a message', length, this.#limitBytes)
    return length
  }

  #take(): Buffer {
    const all = Buffer.concat(this.#pieces)
    this.#pieces = [all.subarray(this.#needed)]
    this.#bytes = all.length - this.#needed
    return all.subarray(0, this.#needed)
  }
}
