import type { StageKind } from '../dead-letter/row.js'
import type { Window } from '../time/window.js'

/** Where else than its own stage an element is said to have failed. */
export interface RejectDetails {
  readonly stage?: string
  readonly kind?: StageKind
  readonly key?: string
  readonly window?: Window
  readonly attempt?: number
}

/** Of most rejected elements. */
export const noDetails: RejectDetails = Object.freeze({})
