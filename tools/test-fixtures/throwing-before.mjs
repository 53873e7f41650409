// uvu exits with 0: the hook's error is swallowed, no test runs.
import { suite } from 'uvu'
const test = suite('throwing before')
test.before(() => {
  throw new Error('no database')
})
test('never runs', () => {})
test.run()
