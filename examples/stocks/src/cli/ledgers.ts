import { sayLedger } from './figures.js'
import type { LanesEnded } from './lanes.js'
import { sayStep, type Output } from './output.js'

const TITLES = { stream: 'Ledger of the live lane', batch: 'Ledger of the files' } as const

/** Prints the ledger of each lane that has one. */
export const sayLedgers = (output: Output, ended: Pick<LanesEnded, 'stream' | 'batch'>): void => {
  for (const lane of ['stream', 'batch'] as const) {
    const summary = ended[lane]
    if (summary === undefined) continue
    sayStep(output, TITLES[lane])
    sayLedger(output, summary.total, lane)
  }
}
