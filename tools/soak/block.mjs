// Text made once and copied for every use: to build each record anew would be slower than what is measured.

/** What a trade's time begins with, and the digits behind it that a copy fills in: 1700000000000 to 1700024999999. */
const timePrefix = '17000'
const timeDigits = '00000000'
const marker = `${timePrefix}${timeDigits}`

/** Seconds that each object covers: 5,000 windows. */
export const sessionSeconds = 25_000

export const symbols = Array.from({ length: 20 }, (_, index) => `S${String.fromCharCode(65 + index)}${'XYZ'.slice(index % 4)}`)

/** A trade whose time is filled in later. */
export const trade = (index) => {
  const price = `${100 + (index % 37)}.${String(index % 100).padStart(2, '0')}`
  return `{"c":["1"],"p":${price},"s":"${symbols[index % symbols.length]}","t":${marker},"v":${1 + (index % 500)}}`
}

/**
 * @typedef {object} Block
 * @property {Buffer} bytes
 * @property {Uint32Array} stamps where the digits of each time are
 * @property {Float64Array} places in [0, 1): how far into the block's stretch of the session each trade lies
 * @property {number} good trades in it
 * @property {number} bad records in it, each one dead letter
 */

/**
 * @param {readonly { readonly text: string, readonly bad?: number }[]} records Latin-1: a character is a byte
 * @param {string} separator behind each
 * @returns {Block}
 */
export const createBlock = (records, separator) => {
  const bytes = Buffer.from(records.map(({ text }) => text + separator).join(''), 'latin1')
  const stamps = []
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) stamps.push(at + timePrefix.length)
  return {
    bytes,
    stamps: Uint32Array.from(stamps),
    // Neighbours swap: a few trades in every block are out of order.
    places: Float64Array.from(stamps, (_, index) => Math.min(stamps.length - 1, index ^ 8) / stamps.length),
    good: stamps.length,
    bad: records.reduce((sum, { bad = 0 }) => sum + bad, 0),
  }
}

/** The stretch of the session that block `index` of `count` covers. */
export const stretchOf = (index, count) => ({ from: (index * sessionSeconds) / count, span: sessionSeconds / count })

/** Second of the session of trade `index`, in a copy that covers `span` seconds from `from` on. */
export const secondOf = ({ places }, index, { from, span }) => Math.min(sessionSeconds - 1, Math.floor(from + places[index] * span))

/** A fresh copy with times of its own; `salt` decides the milliseconds, so that no two objects are copies of each other. */
export const stampBlock = (block, stretch, salt) => {
  const bytes = Buffer.allocUnsafeSlow(block.bytes.length)
  block.bytes.copy(bytes)
  const { stamps } = block
  for (let i = 0; i < stamps.length; i++) {
    let rest = secondOf(block, i, stretch) * 1_000 + ((salt * 7 + i) % 1_000)
    for (let at = stamps[i] + timeDigits.length - 1; at >= stamps[i]; at--) {
      bytes[at] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }
  return bytes
}
