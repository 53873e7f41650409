import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NAME = '20131007-ibm-aig'
const besideTheCheckout = fileURLToPath(new URL('../../../../../shared/data', import.meta.url))

/** Real trades for developers, which are not part of the repository: their folder, if it is there. */
export const realData = (): { readonly batch: string; readonly minutes: string } | undefined => {
  const folder = process.env['MILLRACE_TEST_DATA'] ?? besideTheCheckout
  const batch = join(folder, `${NAME}.batch`)
  const minutes = join(folder, `${NAME}.minutes.csv.gz`)
  return existsSync(batch) && existsSync(minutes) ? { batch, minutes } : undefined
}
