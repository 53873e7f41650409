import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs the linter, type-aware. @param {string} root the checkout @param {readonly string[]} args */
export const oxlint = (root, args) => {
  const bin = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '-c', join(root, '.oxlintrc.json'), '--type-aware', ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, stdout, stderr }
}
