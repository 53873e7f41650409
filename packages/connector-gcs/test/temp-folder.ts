import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files by path. */
export type Files = Readonly<Record<string, string | Buffer>>

/** Runs `use` with a new folder that holds `files`, and removes it. */
export const withFolder = async (files: Files, use: (path: string) => Promise<void>): Promise<void> => {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'millrace-folder-')))
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    }
    await use(path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
