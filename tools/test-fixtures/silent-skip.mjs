import { suite } from 'uvu'
const test = suite('silent skip')
test('passes', () => {})
test.skip('does not say why', () => {})
test.run()
