import { simulatedMarket, type MarketFrame, type MarketOptions } from '@millrace/connector-finnhub/testing'
import { seededRandom } from '@millrace/core/testing'
import type { Trouble } from './trouble.js'

/** What happens, in order, at the time of a frame. */
export type Step =
  | { readonly kind: 'frame'; readonly frame: MarketFrame; readonly awaitRead: boolean }
  | { readonly kind: 'drop'; readonly atMillis: number; readonly keeps: boolean }
  | { readonly kind: 'stop' | 'cancel' | 'fail' | 'reopen'; readonly atMillis: number }

/** A day, and everything that goes wrong in it. */
export interface DayPlan {
  readonly seed: number
  readonly startMillis: number
  readonly steps: readonly Step[]
  /** Of each life of the process; later ones have none. */
  readonly troubles: readonly Trouble[]
  readonly isHosted: boolean
  readonly epochMillis: number
  readonly maxQueuedRecords: number
  readonly end: 'complete' | 'drain'
  /** How long nothing happens after the close. */
  readonly eveningMillis: number
}

const HOURS = 6.5
const LEAST_AWAY_MILLIS = 500
const MOST_AWAY_MILLIS = 1_200_000

type Draw = (below: number) => number

/** Some frames come later than others that happened after them, and too late for their windows. */
const perhapsLate = (frame: MarketFrame, draw: Draw): MarketFrame => (draw(40) > 0 ? frame : { ...frame, atMillis: frame.atMillis + draw(60_000) })

const marketOf = (seed: number, draw: Draw): MarketOptions => ({
  seed, millis: HOURS * 3_600_000, tradesPerSecond: 0.003 + draw(20) / 1_000, tradesPerFrame: 1 + draw(4), badShare: 0.01,
})

const interruptions = ['stop', 'cancel', 'fail'] as const

/** Connections that are lost for a while, runs that are ended and fail. */
const faultsOf = (startMillis: number, draw: Draw): readonly Step[] => {
  const atMillis = (): number => startMillis + draw(HOURS * 3_600_000)
  const drops = Array.from({ length: draw(6) }, (): readonly Step[] => {
    const from = atMillis()
    const away = LEAST_AWAY_MILLIS * (MOST_AWAY_MILLIS / LEAST_AWAY_MILLIS) ** (draw(1_000) / 1_000)
    return [{ kind: 'drop', atMillis: from, keeps: draw(3) === 0 }, { kind: 'reopen', atMillis: Math.floor(from + away) }]
  })
  const ends = Array.from({ length: draw(4) }, (): Step => ({ kind: interruptions[draw(3)] ?? 'stop', atMillis: atMillis() }))
  return [...drops.flat(), ...ends]
}

const timeOf = (step: Step): number => (step.kind === 'frame' ? step.frame.atMillis : step.atMillis)

const troubleOf = (draw: Draw): Trouble => ({
  ...(draw(2) === 0 && { diesAtCall: 1 + draw(120), diesAfter: draw(2) === 0 }),
  ...(draw(2) === 0 && { flaky: 3 + draw(30) }),
  ...(draw(3) === 0 && { slowMillis: 1 + draw(5_000) }),
})

export const planOf = (seed: number): DayPlan => {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1))
  const draw: Draw = (below) => Math.floor(random() * below)
  const market = [...simulatedMarket(marketOf(seed, draw))]
  const startMillis = market[0]?.atMillis ?? 0
  const frames = market.map((frame): Step => ({ kind: 'frame', frame: perhapsLate(frame, draw), awaitRead: draw(4) > 0 }))
  return {
    seed, startMillis,
    steps: [...frames, ...faultsOf(startMillis, draw)].sort((a, b) => timeOf(a) - timeOf(b)),
    troubles: Array.from({ length: draw(5) }, () => troubleOf(draw)),
    isHosted: draw(2) === 0,
    epochMillis: [1_000, 60_000, 600_000][draw(3)] ?? 60_000,
    maxQueuedRecords: [1, 8, 4_096][draw(3)] ?? 4_096,
    end: draw(2) === 0 ? 'complete' : 'drain',
    eveningMillis: draw(2) * 3_600_000,
  }
}
