/** A value on its way out. @public */
export interface Row<A> {
  readonly value: A
  /** Deterministic: the same element of the same pipeline always has it. */
  readonly rowId: string
}
