import { suite } from 'uvu'
const test = suite('exits early')
test('ends the process', () => process.exit(0))
test('is never reached', () => {})
test.run()
