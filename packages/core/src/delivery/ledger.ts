/**
 * What became of every envelope: each is born once (`read`, `made`) and ends once.
 * `read + made = expanded + filtered + deduplicated + aggregated + Σ delivered + deadLettered + inFlight`.
 * @public
 */
export interface Ledger {
  /** Records that sources gave. */
  readonly read: number
  /** Outputs of flatMaps, panes, copies beyond the first where a stage has several after it. */
  readonly made: number
  /** Inputs of flatMaps. */
  readonly expanded: number
  readonly filtered: number
  readonly deduplicated: number
  /** Absorbed by windows. */
  readonly aggregated: number
  /** Rows that sinks took, by name of the write. */
  readonly delivered: Readonly<Record<string, number>>
  readonly deadLettered: number
  readonly inFlight: number
  /** Σ |sent − received − queued| over all ports, counted independently at either side: 0 unless something was lost or doubled. */
  readonly unaccounted: number
}

/** What happened between two readings of the same ledger. */
export const ledgerSince = (now: Ledger, before: Ledger): Ledger => ({
  read: now.read - before.read,
  made: now.made - before.made,
  expanded: now.expanded - before.expanded,
  filtered: now.filtered - before.filtered,
  deduplicated: now.deduplicated - before.deduplicated,
  aggregated: now.aggregated - before.aggregated,
  delivered: Object.fromEntries(Object.entries(now.delivered).map(([name, n]) => [name, n - (before.delivered[name] ?? 0)])),
  deadLettered: now.deadLettered - before.deadLettered,
  inFlight: now.inFlight,
  unaccounted: now.unaccounted,
})
