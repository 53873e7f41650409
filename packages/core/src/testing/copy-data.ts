import { packData, unpackData } from '../codec/data.js'
import type { Data } from '../data.js'

/**
 * What comes back of `data` from disk: through MessagePack and back, so that nothing of the original is shared.
 * @throws ConnectorError `NotData`, naming the place, if it is not Data
 */
export const copyData = <D extends Data>(data: D): D =>
  // What went in comes out, but for -0 (0) and Buffers (Uint8Arrays).
  unpackData(packData(data)) as D
