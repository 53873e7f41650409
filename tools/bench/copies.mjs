import { startMillis, sumOf, windowMillis } from './race-input.mjs'

/** Where the event times of a buffer of trades are: 13 digits behind each `"t":`. */
export const timesIn = (buffer) => {
  const found = []
  for (let at = buffer.indexOf('"t":1'); at >= 0; at = buffer.indexOf('"t":1', at + 4)) found.push(at + 4)
  return Uint32Array.from(found)
}

const digits = 13
const zero = 0x30

/** Moves all of them on, in place: the same trades, later. */
export const moveTimes = (buffer, times, millis) => {
  for (const at of times) {
    let value = 0
    for (let i = 0; i < digits; i++) value = value * 10 + buffer[at + i] - zero
    value += millis
    for (let i = digits - 1; i >= 0; i--) {
      buffer[at + i] = zero + (value % 10)
      value = Math.floor(value / 10)
    }
  }
}

/** More than the race's hour and what comes late, so that no bar has trades of two copies; a whole number of windows. */
export const copyShiftMillis = 3_610_000

/** The sum of each copy's rows, as if it were the first; one after the other. */
export const sumsOfCopies = (rows, copies) => {
  const copyOf = ({ w }) => Math.floor((w - startMillis + windowMillis) / copyShiftMillis)
  const sums = Array.from({ length: copies }, (_, copy) => {
    const own = rows.filter((row) => copyOf(row) === copy)
    return sumOf(own.map((row) => ({ ...row, w: row.w - copy * copyShiftMillis })))
  })
  return sums.join()
}
