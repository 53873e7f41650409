// Every rule is shown red once: a fixture says on which lines it must be flagged, by which rule, and nowhere else.
// `// RED rule` speaks of its own line, `// RED+2 rule` of the second line after it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { oxlint } from './oxlint.mjs'
import { textComplaints } from './text.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
const fixtures = join(root, 'tools', 'lint', 'fixtures')
const files = readdirSync(fixtures, { recursive: true }).map(String).filter((name) => name.endsWith('.ts'))

const expected = (name) =>
  readFileSync(join(fixtures, name), 'utf8').split('\n').flatMap((line, index) => {
    const mark = /\/\/ RED(?:\+(\d+))? (\S+)$/.exec(line)
    return mark === null ? [] : [`${name}:${index + 1 + Number(mark[1] ?? 0)} ${mark[2]}`]
  })

const found = () => {
  const { stdout, stderr } = oxlint(root, ['-f', 'json', '--tsconfig', join(fixtures, 'tsconfig.json'), fixtures])
  assert.is(stderr, '')
  return JSON.parse(stdout).diagnostics.map(({ filename, code, labels }) => `${relative(fixtures, resolve(root, filename))}:${labels[0].span.line} ${code}`)
}

const test = suite('lint')

test('flags every marked line by its rule, and no other', () => {
  const flagged = [...new Set(found())].sort()
  const marked = files.flatMap(expected).sort()
  assert.ok(marked.length > 60)
  assert.equal(flagged, marked)
})

test('text: paths of one machine, and hosts in the lock file', () => {
  assert.is(textComplaints('a.md', `see /${'home'}/ann/notes`).length, 1)
  assert.is(textComplaints('a.ts', `'/${'Users'}/ann/x'`).length, 1)
  assert.is(textComplaints('package-lock.json', '"resolved": "https://registry.example/x.tgz"').length, 1)
  assert.is(textComplaints('package-lock.json', '"resolved": "packages/core"').length, 0)
  assert.is(textComplaints('a.md', 'see docs/home/notes').length, 0)
})

test.run()
