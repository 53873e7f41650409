import { Packr, RESET_BUFFER_MODE } from 'msgpackr'
import type { Data } from '../data.js'
import { assertData, isData } from './data-check.js'
import { unpackData } from './unpack.js'

export { assertData, unpackData }

const packr = new Packr({
  // Plain MessagePack: no record extension, and no look at `toJSON` (a field of that name is data like any other).
  useRecords: false,
  useToJSON: false,
  // A map's length in as few bytes as it takes; without it msgpackr cannot write more than 65,535 keys.
  variableMapSize: true,
})

/** msgpackr keeps the buffer it grew for the next call, some multiple of what it last held; beyond this it is let go. */
const MAX_KEPT_BYTES = 32 * 1_048_576
const FRESH_BYTES = 8_192

/**
 * Packs a value as standard MessagePack (no extensions). The bytes are the caller's own: nothing else refers to them.
 * `-0` becomes 0, a `Buffer` comes back as `Uint8Array`, an object without a prototype as an ordinary one; all else
 * comes back unchanged.
 *
 * @throws ConnectorError `NotData`, as {@link assertData}
 * @public
 */
export const packData = (value: Data): Uint8Array => packDataBy(value, copyBytes)

/** A copy with memory of its own. */
export const copyBytes = (packed: Uint8Array): Uint8Array => new Uint8Array(packed)

/** The same, with `copy` to say where the bytes go: the next call writes over those that it is given. */
export const packDataBy = (value: Data, copy: (packed: Uint8Array) => Uint8Array): Uint8Array => {
  if (!isData(value)) assertData(value, 'the value to pack')
  const own = copy(packr.pack(value, RESET_BUFFER_MODE))
  if (own.length > MAX_KEPT_BYTES) packr.useBuffer(Buffer.allocUnsafeSlow(FRESH_BYTES))
  return own
}
