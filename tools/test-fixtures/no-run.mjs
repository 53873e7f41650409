// uvu exits with 0: nothing was asked to run.
import { suite } from 'uvu'
const test = suite('no run')
test('never runs', () => {
  throw new Error('seen by nobody')
})
