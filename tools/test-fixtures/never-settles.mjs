import { suite } from 'uvu'
const test = suite('never settles')
test('waits for what never comes', () => {
  setInterval(() => {}, 1_000)
  return new Promise(() => {})
})
test.run()
