import { suite } from 'uvu'
const test = suite('failing')
test('passes', () => {})
test('fails', () => {
  throw new Error('as it should')
})
test.run()
