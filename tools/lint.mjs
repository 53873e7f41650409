// Checks the rules of this repository: oxlint with types, our own rules (tools/lint/plugin.mjs), and every text file.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oxlint } from './lint/oxlint.mjs'
import { textComplaints } from './lint/text.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const TEXT = /\.(ts|mts|mjs|js|json|md|sql|yml|sh|txt|svg)$|^\.ci\//

const texts = () =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => TEXT.test(path) && existsSync(join(root, path)))
    .flatMap((path) => textComplaints(path, readFileSync(join(root, path), 'utf8')))

const { status, stdout, stderr } = oxlint(root, ['--ignore-pattern', 'tools/lint/fixtures/**', 'packages', 'examples', 'tools'])
const complaints = texts()
if (status !== 0) process.stdout.write(`${stdout}${stderr}`)
for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
process.exitCode = status === 0 && complaints.length === 0 ? 0 : 1
