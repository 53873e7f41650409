import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import { packData } from '../codec/data.js'
import { isData } from '../codec/data-check.js'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'

/** Dates, maps, `undefined`: what is no Data has bytes too, but for functions and the like. */
const bytesOf = (value: unknown, name: string, index: number): Uint8Array => {
  if (isData(value)) return packData(value)
  try {
    return serialize(value)
  } catch (cause) {
    const message = `fromArray '${name}': value ${index} cannot be written down, and so the array not be told from another: give plain data, or the option fingerprint`
    throw new ConnectorError({ _tag: 'Fingerprint', code: 'InvalidArgument', message, cause })
  }
}

/**
 * A hash of all values in their order: equal for equal arrays.
 * @throws ConnectorError naming the first value that holds a function or a symbol
 */
export const fingerprintOf = (values: readonly unknown[], name: string): Data => {
  const hash = createHash('sha256')
  values.forEach((value, index) => {
    const bytes = bytesOf(value, name, index)
    hash.update(`${bytes.byteLength}:`).update(bytes)
  })
  return { values: values.length, sha256: hash.digest('hex') }
}
