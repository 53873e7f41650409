import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const DEFAULT_DEADLINE_SECONDS = 300

const below = (root, folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true })
        .map(String)
        .map((name) => join(folder, name))
    : []

const children = (root, folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [])

/** How long a file may take: 300 s, or what a line such as `// @deadline 900 s` in it says. */
const deadlineSeconds = (path) => {
  const said = /^\/\/ @deadline (\d+) s\b/m.exec(readFileSync(path, 'utf8'))
  return said === null ? DEFAULT_DEADLINE_SECONDS : Number(said[1])
}

/**
 * Every test file of the checkout, slowest allowance first, so that a long one does not start last.
 * @param {string} root the checkout
 * @param {string} filter what the path must contain; empty: all
 */
export const findTests = (root, filter) => {
  const built = [...children(root, 'packages'), ...children(root, 'examples')].flatMap((at) => below(root, join(at, 'dist-test')))
  return [...built, ...below(root, 'tools')]
    .filter((path) => /\.test\.(js|mjs)$/.test(path) && !path.includes('node_modules') && path.includes(filter))
    .map((path) => ({ path: join(root, path), label: relative(root, join(root, path)), seconds: deadlineSeconds(join(root, path)) }))
    .sort((a, b) => b.seconds - a.seconds || (a.label < b.label ? -1 : 1))
}
