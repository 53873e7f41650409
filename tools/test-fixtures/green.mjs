import { suite } from 'uvu'
const test = suite('green')
test('passes', () => {})
test('passes too', async () => {})
test.run()
