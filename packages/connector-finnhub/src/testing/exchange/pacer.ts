import type { Outgoing } from './feed.js'
import type { CheckedOptions } from './options.js'

/** Says when a message is due. */
export interface Pacer {
  /** How long until `next` is due; 0 or less: now. */
  delayMillis(next: Outgoing): number
  /** One was sent. */
  sent(): void
  /** Sending begins, or goes on on another connection. */
  begin(next: Outgoing | undefined): void
  /** The market's time now, or the clock's where it has none. */
  nowMillis(): number
}

const unpaced = ({ clock }: CheckedOptions): Pacer =>
  ({ delayMillis: () => 0, sent: () => undefined, begin: () => undefined, nowMillis: () => clock.now() })

const evenly = ({ clock }: CheckedOptions, framesPerSecond: number): Pacer => {
  let baseMillis = 0
  let sent = 0
  return {
    delayMillis: () => baseMillis + (sent * 1_000) / framesPerSecond - clock.now(),
    sent: () => { sent += 1 },
    // Each connection starts its own count: what was not sent while nobody listened is not caught up with.
    begin: () => {
      baseMillis = clock.now()
      sent = 0
    },
    nowMillis: () => clock.now(),
  }
}

/** By the market's own time: it goes on while nobody is connected. In real time it is never ahead of the clock. */
const byMarket = ({ clock, historyMillis }: CheckedOptions, speed: number): Pacer => {
  let base: { readonly clockMillis: number, readonly marketMillis: number } | undefined
  const nowMillis = (): number => {
    const now = clock.now()
    if (base === undefined) return now
    const market = base.marketMillis + (now - base.clockMillis) * speed
    return historyMillis === undefined ? market : Math.min(now, market)
  }
  return {
    delayMillis: ({ frame }) => (frame === undefined ? 0 : Math.ceil((frame.atMillis - nowMillis()) / speed)),
    sent: () => undefined,
    begin: (next) => {
      const clockMillis = clock.now()
      base ??= { clockMillis, marketMillis: historyMillis === undefined ? next?.frame?.atMillis ?? clockMillis : clockMillis }
    },
    nowMillis,
  }
}

/** The pacer of these options. */
export const pacerOf = (options: CheckedOptions): Pacer => {
  const { pace } = options
  if (pace === 'max') return unpaced(options)
  return 'speed' in pace ? byMarket(options, pace.speed) : evenly(options, pace.framesPerSecond)
}
