// uvu exits with 0: it fails while it formats what is not an Error, and the second test never runs.
import { suite } from 'uvu'
const test = suite('not an error')
test('rejects with a bare object', async () => {
  throw { _tag: 'Unavailable' }
})
test('is never reached', () => {})
test.run()
