import { Packr } from 'msgpackr'
import type { Data } from '../data.js'

const packr = new Packr({ useRecords: false, mapsAsObjects: true, moreTypes: false })

/**
 * What comes back of `data` from disk: through MessagePack and back, so that nothing of the original is shared and what
 * is not Data does not survive unnoticed.
 * @public
 */
export const copyData = <D extends Data>(data: D): D =>
  // What went in comes out, but for -0.
  packr.unpack(packr.pack(data)) as D
