import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Whether `node_modules` holds what `package-lock.json` asks for. npm writes its own record of an install as the last step
 * of it, so one that was interrupted counts as missing. Optional packages are for other platforms, or dispensable.
 * @param {string} root the checkout
 */
export const isInstalled = (root) => {
  const wanted = read(join(root, 'package-lock.json'))
  const present = read(join(root, 'node_modules', '.package-lock.json'))
  if (present === undefined) return false
  if (wanted === undefined) return true
  return Object.entries(wanted.packages).every(
    ([where, { version, optional, link }]) =>
      !where.startsWith('node_modules/') || optional === true || link === true || present.packages[where]?.version === version,
  )
}
