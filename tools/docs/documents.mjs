import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const below = (root, folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))) : [])

const children = (root, folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name, 'README.md')) : [])

/** Every page that people read, by path from the root of the checkout. @param {string} root */
export const documents = (root) =>
  ['README.md', 'CONTRIBUTING.md', ...below(root, 'docs'), ...children(root, 'packages'), ...children(root, 'examples')]
    .filter((path) => path.endsWith('.md') && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

/** The code blocks of one language. @param {string} text @param {string} language @returns {readonly { code: string, line: number }[]} */
export const codeBlocks = (text, language) =>
  [...text.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)]
    .filter((found) => found[1] === language)
    .map((found) => ({ code: found[2], line: text.slice(0, found.index).split('\n').length + 1 }))

/** Links to files that are not there. @param {string} root @param {{ path: string, text: string }} document */
export const deadLinks = (root, { path, text }) =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((found) => found[1].replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(path), target)))
    .map((target) => `${path}: ${target}`)
