import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isInstalled } from './installed.mjs'
import { complaintAboutNode } from './node-version.mjs'
import { removeStale } from './stale.mjs'

const withFiles = (files, run) => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-prepare-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
    }
    return run(root)
  } finally {
    rmSync(root, { recursive: true })
  }
}
const lock = (rxjs) => ({ packages: { '': {}, 'node_modules/rxjs': { version: rxjs }, 'node_modules/other-platform': { version: '1.0.0', optional: true } } })
const installed = (rxjs) => ({ packages: { 'node_modules/rxjs': { version: rxjs } } })

const test = suite('prepare')

test('a Node that is too old is named, with the remedy', () => {
  assert.match(complaintAboutNode('18.20.1'), 'needs Node 20.19 or newer; this is Node 18.20.1')
  assert.type(complaintAboutNode('20.18.9'), 'string')
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) assert.is(complaintAboutNode(version), undefined)
})

test('installs when nothing is there, when an install was interrupted, and when the lock file asks for another version', () => {
  const record = 'node_modules/.package-lock.json'
  assert.is(withFiles({ 'package-lock.json': lock('7.8.2') }, isInstalled), false)
  assert.is(withFiles({ 'package-lock.json': lock('7.8.2'), 'node_modules/rxjs/package.json': {} }, isInstalled), false)
  assert.is(withFiles({ 'package-lock.json': lock('7.8.2'), [record]: installed('7.8.1') }, isInstalled), false)
  assert.is(withFiles({ 'package-lock.json': lock('7.8.2'), [record]: installed('7.8.2') }, isInstalled), true)
})

test('removes outputs without a source, keeps the others, and forces a build where an output is missing', () => {
  const files = {
    'packages/core/src/kept.ts': '', 'packages/core/dist/kept.js': '', 'packages/core/dist/kept.d.ts': '', 'packages/core/dist/kept.js.map': '',
    'packages/core/dist/gone.js': '', 'packages/core/dist/gone.d.ts.map': '', 'packages/core/tsconfig.tsbuildinfo': '',
    'packages/core/test/a.test.ts': '', 'packages/core/dist-test/deleted.test.js': '', 'packages/core/dist-test/tsconfig.tsbuildinfo': '',
  }
  const left = withFiles(files, (root) => {
    removeStale(root)
    return Object.keys(files).filter((path) => existsSync(join(root, path)))
  })
  assert.equal(Object.keys(files).filter((path) => !left.includes(path)), [
    'packages/core/dist/gone.js', 'packages/core/dist/gone.d.ts.map', 'packages/core/dist-test/deleted.test.js', 'packages/core/dist-test/tsconfig.tsbuildinfo',
  ])
})

test.run()
