import { seededRandom } from '@millrace/core/testing'
import type { Fault } from './fault.js'

type Draw = (below: number) => number

const FAULTS: readonly ((afterFrames: number, draw: Draw) => Fault)[] = [
  (afterFrames, draw) => ({ kind: 'close', code: [1001, 1011, 4000][draw(3)] ?? 1011, afterFrames }),
  (afterFrames) => ({ kind: 'terminate', afterFrames }),
  (afterFrames) => ({ kind: 'halfFrame', afterFrames }),
  (afterFrames, draw) => ({ kind: 'quiet', millis: 100 + draw(2_000), afterFrames }),
  (afterFrames) => ({ kind: 'drip', everyMillis: 2, afterFrames }),
  (afterFrames, draw) => ({ kind: 'fragment', pieces: 2 + draw(5), afterFrames }),
  (afterFrames, draw) => ({ kind: 'resend', frames: 1 + draw(5), afterFrames }),
  (afterFrames) => ({ kind: 'send', what: 'binary', afterFrames }),
  (afterFrames) => ({ kind: 'send', what: 'invalidUtf8', afterFrames }),
  (afterFrames) => ({ kind: 'send', what: 'huge', afterFrames }),
]

/**
 * A mix of faults that the seed decides: connections that drop, stall, drip and repeat themselves, and rubbish between
 * frames. None of them loses a frame: what every client receives together is all that was sent, resent frames twice. A
 * refused request is among them; no close with 1000, which says that the input has ended, and nothing that needs the
 * client's watchdog.
 * @param seed any integer
 * @param count how many; default 20
 * @param everyFrames about how many frames lie between two of them; default 100
 * @public
 */
export const randomFaults = (seed: number, count = 20, everyFrames = 100): readonly Fault[] => {
  const random = seededRandom(seed)
  const draw: Draw = (below) => Math.floor(random() * below)
  const faults: Fault[] = [{ kind: 'refuse', status: draw(2) === 0 ? 503 : 200, attempt: 2 + draw(3) }]
  for (let i = 0, afterFrames = 0; i < count; i++) {
    afterFrames += 1 + draw(2 * everyFrames)
    const make = FAULTS[draw(FAULTS.length)]
    if (make !== undefined) faults.push(make(afterFrames, draw))
  }
  return faults
}
