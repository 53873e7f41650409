/**
 * Where every element was born and ended: read + made = expanded + filtered + deduplicated + aggregated + Σ delivered +
 * deadLettered, because a finished run has nothing in flight.
 * @public
 */
export interface ReferenceLedger {
  readonly read: number
  /** flatMap outputs, panes, outputs of `through`, and copies beyond the first where several stages read one. */
  readonly made: number
  /** Inputs of flatMap and `through` that were answered. */
  readonly expanded: number
  readonly filtered: number
  /** Always 0: the reference knows no deduplication. */
  readonly deduplicated: number
  readonly aggregated: number
  /** By write stage. */
  readonly delivered: Readonly<Record<string, number>>
  readonly deadLettered: number
}

/** What one stage adds to the ledger. */
export type LedgerEntry = Partial<ReferenceLedger>

const total = (entries: readonly LedgerEntry[], column: Exclude<keyof ReferenceLedger, 'delivered'>): number =>
  entries.reduce((sum, entry) => sum + (entry[column] ?? 0), 0)

/** The ledger of all stages together. */
export const sumLedger = (entries: readonly LedgerEntry[]): ReferenceLedger => ({
  read: total(entries, 'read'),
  made: total(entries, 'made'),
  expanded: total(entries, 'expanded'),
  filtered: total(entries, 'filtered'),
  deduplicated: total(entries, 'deduplicated'),
  aggregated: total(entries, 'aggregated'),
  delivered: Object.assign({}, ...entries.map(({ delivered }) => delivered)),
  deadLettered: total(entries, 'deadLettered'),
})
