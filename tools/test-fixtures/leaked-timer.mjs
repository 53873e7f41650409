import { suite } from 'uvu'
const test = suite('leaked timer')
test('leaves a timer behind', () => {
  setInterval(() => {}, 1_000)
})
test.run()
