import type { Ledger } from '../delivery/ledger.js'

/** What the test itself has counted, outside of the pipeline. */
export interface TestCounts {
  readonly sent: number
  readonly written: number
  readonly deadLetters: number
}

/** A ledger on one line, without what is zero. */
export const shownLedger = ({ delivered, ...counts }: Ledger): string => {
  const all = [...Object.entries(counts), ...Object.entries(delivered).map(([write, n]) => [`delivered to '${write}'`, n] as const)]
  return `  ${all.filter(([, n]) => n !== 0).map(([name, n]) => `${name} ${n}`).join(', ')}`
}

/** What does not add up, for people; undefined if all does. */
export const ledgerComplaint = (ledger: Ledger, counts: TestCounts): string | undefined => {
  const delivered = Object.values(ledger.delivered).reduce((sum, n) => sum + n, 0)
  const born = ledger.read + ledger.made
  const ended = ledger.expanded + ledger.filtered + ledger.deduplicated + ledger.aggregated + delivered + ledger.deadLettered
  const complaints: readonly (readonly [boolean, string])[] = [
    [ledger.unaccounted !== 0, `${ledger.unaccounted} were lost or doubled between stages`],
    [ledger.inFlight !== 0, `${ledger.inFlight} are still in flight`],
    [born !== ended + ledger.inFlight, `${born} were read or made, and ${ended + ledger.inFlight} are accounted for`],
    [ledger.read !== counts.sent, `${counts.sent} were sent, and ${ledger.read} read`],
    [delivered !== counts.written, `${delivered} count as delivered, and ${counts.written} were written`],
    [ledger.deadLettered !== counts.deadLetters, `${ledger.deadLettered} count as dead letters, and ${counts.deadLetters} were written`],
  ]
  const wrong = complaints.flatMap(([isWrong, complaint]) => (isWrong ? [complaint] : []))
  return wrong.length === 0 ? undefined : wrong.join('; ')
}
