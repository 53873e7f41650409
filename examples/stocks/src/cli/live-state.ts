import type { Ledger } from '@millrace/core'
import type { ReportedBar, Reason } from './report-data.js'

/** What the tables hold of the live lane. */
export interface LiveTables {
  /** The last few, in order. */
  readonly bars: readonly ReportedBar[]
  /** The most frequent first. */
  readonly reasons: readonly Pick<Reason, 'count' | 'stage' | 'errorClass' | 'path'>[]
  /** In all, those of earlier processes too. */
  readonly gaps: number
  readonly lastGap: { readonly millis: number; readonly reason: string } | undefined
}

/** Nothing yet. */
export const NO_TABLES: LiveTables = { bars: [], reasons: [], gaps: 0, lastGap: undefined }

/** The live lane at one moment, as it is shown. */
export interface LiveState {
  readonly nowMillis: number
  readonly runMillis: number
  /** Connected, and reading. */
  readonly isListening: boolean
  /** What the connector said last; empty: nothing yet. */
  readonly connection: string
  /** It was lost, or could not be made. */
  readonly isDisconnected: boolean
  readonly framesPerSecond: number
  readonly tradesPerSecond: number
  /** −∞ before the first trade. */
  readonly watermarkMillis: number
  readonly openWindows: number
  readonly ledger: Ledger
  readonly tables: LiveTables
  /** How the batch lane is doing, in words; `undefined` without one. */
  readonly batch: string | undefined
}
