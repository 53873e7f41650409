import { execFileSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('combine.struct without code generation')

const program = `
  import { combine } from '@millrace/core'
  let forbidden = false
  try { new Function('return 1') } catch { forbidden = true }
  const c = combine.struct({ high: combine.max((x) => x), n: combine.count() })
  const acc = [3, 9, 4].reduce((acc, value) => c.add(acc, { value }), c.create())
  process.stdout.write(JSON.stringify({ forbidden, kind: c.kind, result: c.extract(c.merge(acc, c.create())) }))
`

test('works where new Function is forbidden', () => {
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', program]
  const printed = execFileSync(process.execPath, flags, { encoding: 'utf8', cwd: import.meta.dirname, timeout: 30_000 })
  assert.equal(JSON.parse(printed), { forbidden: true, kind: 'struct{high:max,n:count}', result: { high: 9, n: 3 } })
})

test.run()
