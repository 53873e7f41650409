import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import { MAX_DATA_DEPTH } from './data-check.js'
import { reasonOf } from './json-text.js'
import { maxCachedBytes, TextCache } from './text-cache.js'

/**
 * Unpacks what `packData` packed, or any standard MessagePack that holds nothing but {@link Data}: other widths of
 * numbers and lengths are read as well; integers beyond 2^53 are rounded to the nearest double. Bytes in the result are
 * copies.
 *
 * Written here rather than taken from msgpackr, whose reader drops a byte order mark from long strings when its native
 * part is not installed, and renames or makes up what is no Data instead of refusing it.
 *
 * @throws ConnectorError `NotPackedData` (`DataLoss`) for bytes that are cut, have something after the value, hold an
 * extension, text that is not UTF-8, a key that is no string or is `__proto__`, or more than 1,000 levels
 * @public
 */
export const unpackData = (bytes: Uint8Array): Data => {
  const reader = new Reader(bytes)
  try {
    return reader.whole()
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause
    // A DataView that is read beyond its end, or a text that does not decode.
    throw reader.corrupt(reasonOf(cause), cause)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const texts = new TextCache()

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #levels = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  whole(): Data {
    const value = this.#value()
    if (this.#at !== this.#bytes.length) throw this.corrupt(`${this.#bytes.length - this.#at} bytes follow the value`)
    return value
  }

  corrupt(why: string, cause?: unknown): ConnectorError {
    const message = `not packed data: ${why} (byte ${this.#at} of ${this.#bytes.length})`
    return new ConnectorError({ _tag: 'NotPackedData', code: 'DataLoss', message, cause })
  }

  #value(): Data {
    const type = this.#view.getUint8(this.#at++)
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(type & 0x0f)
    if (type < 0xa0) return this.#list(type & 0x0f)
    if (type < 0xc0) return this.#text(type & 0x1f)
    return type < 0xe0 ? this.#typed(type) : type - 0x100
  }

  #typed(type: number): Data {
    switch (type) {
      case 0xc0: return null
      case 0xc2: return false
      case 0xc3: return true
      case 0xc4: return this.#binary(this.#uint8())
      case 0xc5: return this.#binary(this.#uint16())
      case 0xc6: return this.#binary(this.#uint32())
      case 0xca: return this.#view.getFloat32(this.#skip(4))
      case 0xcb: return this.#view.getFloat64(this.#skip(8))
      case 0xcc: return this.#uint8()
      case 0xcd: return this.#uint16()
      case 0xce: return this.#uint32()
      case 0xcf: return Number(this.#view.getBigUint64(this.#skip(8)))
      case 0xd0: return this.#view.getInt8(this.#skip(1))
      case 0xd1: return this.#view.getInt16(this.#skip(2))
      case 0xd2: return this.#view.getInt32(this.#skip(4))
      case 0xd3: return Number(this.#view.getBigInt64(this.#skip(8)))
      case 0xd9: return this.#text(this.#uint8())
      case 0xda: return this.#text(this.#uint16())
      case 0xdb: return this.#text(this.#uint32())
      case 0xdc: return this.#list(this.#uint16())
      case 0xdd: return this.#list(this.#uint32())
      case 0xde: return this.#map(this.#uint16())
      case 0xdf: return this.#map(this.#uint32())
      default: throw this.corrupt(`type 0x${type.toString(16)} holds no data`)
    }
  }

  #list(length: number): Data[] {
    this.#enter(length)
    const list: Data[] = []
    for (let i = 0; i < length; i++) list.push(this.#value())
    this.#levels--
    return list
  }

  #map(length: number): Data {
    this.#enter(length * 2)
    const map: Record<string, Data> = {}
    for (let i = 0; i < length; i++) map[this.#key()] = this.#value()
    this.#levels--
    return map
  }

  #key(): string {
    const key = this.#value()
    if (typeof key !== 'string') throw this.corrupt('a key is no string')
    if (key === '__proto__') throw this.corrupt('a key is __proto__')
    return key
  }

  /** Every part takes a byte: a length that cannot be there is refused before anything is made for it. */
  #enter(parts: number): void {
    if (++this.#levels > MAX_DATA_DEPTH) throw this.corrupt(`more than ${MAX_DATA_DEPTH} levels`)
    this.#need(parts)
  }

  #text(length: number): string {
    const [start, end] = [this.#at, this.#need(length)]
    this.#at = end
    const known = length <= maxCachedBytes ? texts.ascii(this.#bytes, start, end) : undefined
    return known ?? utf8.decode(this.#bytes.subarray(start, end))
  }

  #binary(length: number): Uint8Array {
    const start = this.#at
    this.#at = this.#need(length)
    const own = new Uint8Array(length)
    own.set(this.#bytes.subarray(start, this.#at))
    return own
  }

  #uint8(): number {
    return this.#view.getUint8(this.#skip(1))
  }

  #uint16(): number {
    return this.#view.getUint16(this.#skip(2))
  }

  #uint32(): number {
    return this.#view.getUint32(this.#skip(4))
  }

  /** Where the next bytes begin, which are passed over. */
  #skip(bytes: number): number {
    this.#at += bytes
    return this.#at - bytes
  }

  /** Where the next bytes end. */
  #need(bytes: number): number {
    const end = this.#at + bytes
    if (end > this.#bytes.length) throw this.corrupt(`${end - this.#bytes.length} bytes are missing`)
    return end
  }
}
