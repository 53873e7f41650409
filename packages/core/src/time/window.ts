import type { Traits } from '../traits.js'

/** Half-open: `[startMillis, endMillis)`. @public */
export interface Window {
  readonly startMillis: number
  readonly endMillis: number
}

/** One firing of a key's window. @public */
export interface Pane<K, A> {
  readonly key: K
  readonly window: Window
  readonly timing: 'early' | 'onTime' | 'late'
  readonly index: number
  readonly isLast: boolean
  /** False at the edges of coverage and over a gap of the source; bounded input is complete. */
  readonly complete: boolean
  readonly value: A
}

/** Which windows an event time belongs to. The local runtime runs `fixed` today. @public */
export type WindowFn =
  | { readonly _tag: 'fixed'; readonly sizeMillis: number; readonly offsetMillis: number }
  | { readonly _tag: 'sliding'; readonly sizeMillis: number; readonly periodMillis: number }
  | { readonly _tag: 'sessions'; readonly gapMillis: number }
  | { readonly _tag: 'global' }

/** How windows fire. @public */
export interface WindowOptions<P extends Traits['panes'] = Traits['panes']> {
  /** What fires: default `single`, once, when the watermark has passed the window's end and the allowed lateness. */
  readonly panes?: P
  /** How far behind the watermark an element may have been born and still count; default 0. Later ones are dead letters. */
  readonly allowedLatenessMillis?: number
  /** How long a window that has fired is kept for panes to come; single panes have none, and the local runtime refuses it. */
  readonly retainMillis?: number
}

/**
 * Windows of one size side by side, aligned to the Unix epoch plus `offsetMillis`.
 * @throws TypeError if the size is no positive integer or the offset no integer
 * @public
 */
export const fixedWindows = (options: { readonly sizeMillis: number; readonly offsetMillis?: number }): WindowFn => {
  const { sizeMillis, offsetMillis = 0 } = options
  if (!Number.isSafeInteger(sizeMillis) || sizeMillis <= 0) throw new TypeError(`fixedWindows: sizeMillis must be a positive integer, got ${sizeMillis}`)
  if (!Number.isSafeInteger(offsetMillis)) throw new TypeError(`fixedWindows: offsetMillis must be an integer, got ${offsetMillis}`)
  return { _tag: 'fixed', sizeMillis, offsetMillis: ((offsetMillis % sizeMillis) + sizeMillis) % sizeMillis }
}

/** Start of the fixed window that holds the time, also before 1970 and between two milliseconds: sizes and offsets are integers. */
export const fixedStart = (timeMillis: number, sizeMillis: number, offsetMillis: number): number => {
  const wholeMillis = Math.floor(timeMillis)
  const past = (wholeMillis - offsetMillis) % sizeMillis
  return wholeMillis - (past < 0 ? past + sizeMillis : past)
}
