import * as t from 'io-ts'

const Count = t.refinement(t.number, (value) => Number.isSafeInteger(value) && value >= 0, 'Count')
const Millis = t.refinement(t.number, Number.isFinite, 'Millis')

/**
 * How far a read has come: the number of the next frame, which goes on over reconnections and resumptions, and when something was
 * heard last. Finnhub cannot be asked again: what was sent since then is a gap.
 * @public
 */
export const FinnhubOffset = t.readonly(t.strict({ next: Count, receivedAtMillis: Millis }), 'FinnhubOffset')
/** @see {@link FinnhubOffset} @public */
export type FinnhubOffset = t.TypeOf<typeof FinnhubOffset>
