// Makes every command work from a fresh clone: installs what the lock file asks for, if it is not there, and builds.
// Usage: node tools/prepare.mjs [PROJECT…]   (a folder with a tsconfig.json; default: all)
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './prepare/installed.mjs'
import { complaintAboutNode } from './prepare/node-version.mjs'
import { removeStale } from './prepare/stale.mjs'

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

const install = () => {
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install'
  process.stderr.write(`Installing what package-lock.json asks for (once; npm ${command})…\n`)
  // npm is a script on Windows, and those start only through a shell.
  const npm = spawnSync('npm', [command, '--prefer-offline'], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
  if (npm.status === 0) return true
  process.stderr.write(`${npm.stdout ?? ''}${npm.stderr ?? ''}${npm.error?.message ?? ''}\n`)
  process.stderr.write(`npm ${command} failed (above is all it said). Without a network it needs a warm npm cache.\n`)
  return false
}

const build = (projects) => {
  removeStale(root)
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-b', ...projects], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) process.stderr.write('The build failed (above). The sources do not compile; nothing was run.\n')
  return status === 0
}

/** Installs and builds what is missing. Quiet when there is nothing to do or to tell. @returns whether all is ready */
export const prepare = (projects = []) => {
  const complaint = complaintAboutNode(process.versions.node)
  if (complaint !== undefined) {
    process.stderr.write(`${complaint}\n`)
    return false
  }
  return (isInstalled(root) || install()) && build(projects)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = prepare(process.argv.slice(2)) ? 0 : 1
