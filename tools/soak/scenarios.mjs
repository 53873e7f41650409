import { badObjects } from './bad-objects.mjs'
import { goodObjects, oneArray } from './good-objects.mjs'
import { gzipBomb, oneLine } from './odd-objects.mjs'

const GB = 1e9
const MB = 1e6

/**
 * @typedef {object} Scenario
 * @property {string} says what is read
 * @property {number} gb of JSON, unpacked, in a full run
 * @property {(bytes: number) => object} input the objects, and what must come of them: trades, dead letters, bars
 * @property {number} [peakBytes] the most that may be resident at any time
 * @property {number} [growthBytes] how much more than while the first GB was read
 */

/** @type {Readonly<Record<string, Scenario>>} */
export const scenarios = {
  good: { says: 'trades of 20 symbols, as lines, arrays and gzip; 100,000 open windows', gb: 20, input: (gb) => goodObjects(gb * GB), peakBytes: 400 * MB },
  bad: { says: 'bad input of every kind with good neighbours', gb: 10, input: (gb) => badObjects(gb * GB), growthBytes: 50 * MB },
  array: { says: 'one array in one object', gb: 2, input: (gb) => oneArray(gb * GB), peakBytes: 400 * MB },
  line: { says: 'one line', gb: 1, input: (gb) => oneLine(gb * GB), peakBytes: 400 * MB },
  bomb: { says: 'two gzip bombs', gb: 2, input: (gb) => gzipBomb(gb * GB), peakBytes: 400 * MB },
}
