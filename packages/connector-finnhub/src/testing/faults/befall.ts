import type { Clock } from '@millrace/core'
import { type Outgoing, outgoing } from '../exchange/feed.js'
import type { Line } from '../exchange/line.js'
import type { Drop, LineFault } from './fault.js'
import { rubbishOf } from './rubbish.js'

/** What a fault may use of the sender. */
export interface Sending {
  readonly clock: Clock
  /** The next frame, taken from the feed; `undefined` at its end, and where the connection is gone meanwhile. */
  take(line: Line): Promise<Outgoing | undefined>
  /** Puts a frame that was taken back: it was not sent. */
  putBack(frame: Outgoing): void
  /** A frame that was taken has been sent. */
  sent(line: Line, frame: Outgoing): void
  /** The last frames that were sent. */
  last(count: number): readonly Outgoing[]
}

const DRIP_EVERY_MILLIS = 10
const PIECES = 3
const BREAK: Outgoing = { data: '{"data":[{"c":["1"],"p":10.5,"s":"AAPL","t":1', binary: false, frame: undefined }

/** Sends the next frame in a way of its own; nothing happens at the end of the feed. */
const withNext = async (sending: Sending, line: Line, send: (frame: Outgoing) => void | Promise<void>): Promise<void> => {
  const frame = await sending.take(line)
  if (frame === undefined) return
  try {
    await send(frame)
  } finally {
    // Also where the connection goes away in the middle of it: it was handed over, and counts as sent.
    sending.sent(line, frame)
  }
}

const halve = async (sending: Sending, line: Line): Promise<void> => {
  const frame = await sending.take(line)
  if (frame !== undefined) sending.putBack(frame)
  await line.half(frame ?? BREAK)
}

/** Lets a fault befall a connection. Rejects when the connection goes away during a fault that takes time. */
export const befall = async (fault: LineFault, line: Line, sending: Sending): Promise<void> => {
  switch (fault.kind) {
    case 'close': return line.close(fault.code, fault.reason)
    case 'terminate': return line.terminate()
    case 'reset': return line.reset()
    case 'halfFrame': return halve(sending, line)
    case 'silent': return line.silence(fault.answerPings)
    case 'halfOpen': return line.freeze()
    case 'quiet': return sending.clock.sleep(fault.millis, line.ended)
    case 'drip': return withNext(sending, line, (frame) => line.drip(frame, fault.everyMillis ?? DRIP_EVERY_MILLIS))
    case 'fragment': return withNext(sending, line, (frame) => line.sendFragments(frame, fault.pieces ?? PIECES))
    case 'resend': return sending.last(fault.frames).forEach((frame) => line.send(frame, true))
    case 'send': return line.send(outgoing('what' in fault ? rubbishOf(fault.what, sending.clock.now()) : fault.message))
  }
}

/** Drops a connection from outside, between two frames. */
export const drop = async (line: Line, how: Drop): Promise<void> => {
  if (typeof how === 'number') return line.close(how)
  switch (how) {
    case 'terminate': return line.terminate()
    case 'reset': return line.reset()
    case 'halfFrame': return line.half(BREAK)
    case 'silent': return line.silence()
    case 'halfOpen': return line.freeze()
  }
}
