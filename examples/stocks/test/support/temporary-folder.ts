import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a test in a folder of its own, which is removed afterwards. */
export const inTemporaryFolder = (test: (folder: string) => Promise<void> | void) => async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-stocks-'))
  try {
    await test(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
