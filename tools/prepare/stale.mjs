import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const listed = (folder, ending) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => ending.test(name) && !name.includes('node_modules'))
    : []

/** The folders that `tsc -b` fills, each with the folder it fills them from. @param {string} root the checkout */
export const outputs = (root) =>
  ['packages', 'examples'].flatMap((group) =>
    (existsSync(join(root, group)) ? readdirSync(join(root, group)) : []).flatMap((name) => {
      const at = join(root, group, name)
      return [
        { from: join(at, 'src'), to: join(at, 'dist'), buildInfo: join(at, 'tsconfig.tsbuildinfo') },
        { from: join(at, 'test'), to: join(at, 'dist-test'), buildInfo: join(at, 'dist-test', 'tsconfig.tsbuildinfo') },
      ]
    }),
  )

/**
 * Makes the outputs agree with the sources before a build: what has no source any more is deleted (the compiler leaves it,
 * and a deleted test would still run), and where an output is missing the compiler's record is deleted, so that it builds.
 * @param {string} root the checkout
 */
export const removeStale = (root) => {
  for (const { from, to, buildInfo } of outputs(root)) {
    const sources = new Set(listed(from, /(?<!\.d)\.ts$/).map((name) => name.slice(0, -'.ts'.length)))
    const built = new Set()
    for (const name of listed(to, /\.(js|d\.ts)(\.map)?$/)) {
      const stem = name.replace(/\.(js|d\.ts)(\.map)?$/, '')
      if (!sources.has(stem)) rmSync(join(to, name), { force: true })
      else if (name.endsWith('.js')) built.add(stem)
    }
    if ([...sources].some((stem) => !built.has(stem))) rmSync(buildInfo, { force: true })
  }
}
