/**
 * How the watermark of a source's partitions is made. Unbounded partition: greatest event time of whole source records so
 * far − `boundMillis`. Bounded source: nothing is late before all has been read (or before its floor).
 * @public
 */
export interface WatermarkPolicy {
  /** How far out of order records of one partition may be, ≥ 0. */
  readonly boundMillis: number
  /** Unbounded: after this long without a record the watermark moves with the clock. */
  readonly idleAfterMillis?: number
  /** Unbounded: a jump of the maximum by more than this needs `confirmations`, lest one wrong clock make all others late. */
  readonly maxJumpMillis?: number
  /** How many records in a row confirm a jump; default 3. */
  readonly confirmations?: number
  /** Earlier event times are dead letters. */
  readonly earliestMillis?: number
  /** Event times further ahead of the record's `receivedAtMillis` are dead letters (never of now: a replay must judge alike). */
  readonly maxAheadMillis?: number
  /** JSON Pointer of the time within the value, for the dead letter's `error_path`: `/t`. */
  readonly field?: string
}

/** Throws where a policy makes no sense, naming the stage. */
export const checkPolicy = (stage: string, policy: WatermarkPolicy): void => {
  const fail = (what: string): never => {
    throw new TypeError(`eventTime('${stage}'): ${what}`)
  }
  const { boundMillis, idleAfterMillis = 0, maxJumpMillis = 1, confirmations = 1, maxAheadMillis = 0, earliestMillis = 0 } = policy
  if (!(boundMillis >= 0) || !Number.isFinite(boundMillis)) fail(`boundMillis must be a finite number ≥ 0, got ${boundMillis}`)
  if (!(idleAfterMillis >= 0)) fail(`idleAfterMillis must be ≥ 0, got ${idleAfterMillis}`)
  if (!(maxJumpMillis > 0)) fail(`maxJumpMillis must be > 0, got ${maxJumpMillis}`)
  if (!Number.isInteger(confirmations) || confirmations < 1) fail(`confirmations must be an integer ≥ 1, got ${confirmations}`)
  if (Number.isNaN(earliestMillis)) fail('earliestMillis must be a number, got NaN')
  if (!(maxAheadMillis >= 0)) fail(`maxAheadMillis must be ≥ 0, got ${maxAheadMillis}`)
}
