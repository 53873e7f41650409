// A stranger's project: the packed packages in an empty folder, README's first example typed in, compiled and run.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { followReadme } from '../pack-check.mjs'

const test = suite('README in an empty project')
const { example, packed, output, again, tables } = followReadme()

test('prints what README shows', () => {
  assert.is(output, example.output)
})

test('writes the bars that README shows, and the dead letter', () => {
  const cells = ([symbol, start, ...numbers]) => [symbol, start, ...numbers.map(Number)]
  assert.equal(tables.bars.map(cells), example.rows.map(cells))
  assert.equal(tables.dead, [['trade', '/p', example.input.split('\n')[2]]])
})

test('changes nothing when it is run again', () => {
  assert.is(again, example.output.replace('finished', 'alreadyDone'))
})

test('every package holds its code, its sources, a licence and a page, and no tests', () => {
  for (const [name, { files }] of packed) {
    for (const wanted of ['package.json', 'LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']) {
      assert.ok(files.includes(wanted), `${name} lacks ${wanted}`)
    }
    assert.equal(files.filter((path) => /dist-test|\.test\.|tsbuildinfo/.test(path)), [], name)
  }
})

test.run()
