import { suite } from 'uvu'
const test = suite('rejects late')
test('forgets a promise', () => {
  setTimeout(() => void Promise.reject(new Error('after the tests')), 50)
})
test.run()
