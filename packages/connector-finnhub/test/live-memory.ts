import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Bytes of this process in memory, once what is garbage is gone. */
export const residentBytes = (): number => {
  if (typeof collect !== 'function') throw new TypeError('no gc')
  // Twice: what the first one finds out to be unused goes with the second.
  collect()
  collect()
  return process.memoryUsage().rss
}
