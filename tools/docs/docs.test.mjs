import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkDocs, programs } from '../check-docs.mjs'
import { root } from '../prepare.mjs'
import { compile } from './compile.mjs'
import { codeBlocks, deadLinks } from './documents.mjs'

const test = suite('documentation')

test('every TypeScript block compiles, every link leads somewhere', () => {
  assert.ok(programs(root).length > 0)
  assert.equal(checkDocs(root), [])
})

test('a block that does not compile is found, and so is a dead link', () => {
  const folder = join(root, '.cache', 'broken-docs')
  try {
    const complaint = compile(root, folder, [{ name: 'page-line-3', code: "import { nothingOfTheKind } from '@millrace/core'\nvoid nothingOfTheKind\n" }])
    assert.match(complaint, 'page-line-3.ts(1,10)')
  } finally {
    rmSync(folder, { recursive: true })
  }
  assert.equal(codeBlocks('a\n\n```ts\nlet x\n```\n```sh\nls\n```\n', 'ts'), [{ code: 'let x\n', line: 4 }])
  assert.equal(deadLinks(root, { path: 'docs/x.md', text: '[a](../README.md) [b](nowhere.md#c) [d](https://example.com)' }), ['docs/x.md: nowhere.md'])
})

test.run()
