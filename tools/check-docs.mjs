// Checks what people read: every TypeScript block compiles, every link leads somewhere. Usage: node tools/check-docs.mjs
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from './docs/compile.mjs'
import { codeBlocks, deadLinks, documents } from './docs/documents.mjs'
import { root } from './prepare.mjs'

const nameOf = (path, line) => `${path.replace(/\.md$/, '').replaceAll(/[^A-Za-z0-9]+/g, '-')}-line-${line}`

/** The programs in the pages, named by page and line. @param {string} at the checkout */
export const programs = (at) =>
  documents(at).flatMap(({ path, text }) => codeBlocks(text, 'ts').map(({ code, line }) => ({ name: nameOf(path, line), code })))

/** @param {string} at the checkout @returns {readonly string[]} what is wrong; empty if nothing */
export const checkDocs = (at) => {
  const complaints = compile(at, join(at, '.cache', 'docs'), programs(at))
  return [...documents(at).flatMap((document) => deadLinks(at, document)), ...(complaints === '' ? [] : [complaints])]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const complaints = checkDocs(root)
  for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
  process.exitCode = complaints.length === 0 ? 0 : 1
}
