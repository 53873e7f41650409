/**
 * A time in which a source that cannot ask again heard nothing: what was sent then is lost to it. Windows over it are not complete.
 * @public
 */
export interface Gap {
  /** When it last heard something, Unix epoch. */
  readonly fromMillis: number
  /** When it could hear again. */
  readonly toMillis: number
  /** For people: `closed by the server (1006)`. */
  readonly reason: string
}

/** A gap as a row of a table: what `gaps` of a pipeline writes, exactly once. @public */
export interface GapRow {
  /** Deterministic: the same gap of the same pipeline always has it. */
  readonly gap_id: string
  readonly source_name: string
  /** Unix epoch milliseconds, as `to_time`. */
  readonly from_time: number
  readonly to_time: number
  readonly reason: string
}
