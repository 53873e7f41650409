import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { takeKey } from '#src/keys-in-use.js'

const test = suite('keys in use')

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

/** A promise, and whether another one has settled. */
const deferred = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve: () => resolve() }
}

const isDone = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false
  void promise.then(() => (done = true))
  await turns()
  return done
}

test('the next one waits until the connection of the last is closed, over those that never connected', async () => {
  const closing = deferred()
  const first = takeKey('host', 'key', 'ENV')
  assert.ok(await isDone(first.ready))
  assert.throws(() => takeKey('host', 'key', 'ENV'), /in use already/)
  first.release(closing.promise)
  const second = takeKey('host', 'key', 'ENV')
  assert.not.ok(await isDone(second.ready))
  second.release(Promise.resolve())
  const third = takeKey('host', 'key', 'ENV')
  assert.not.ok(await isDone(third.ready))
  closing.resolve()
  assert.ok(await isDone(third.ready))
  assert.throws(() => takeKey('host', 'key', 'ENV'), /in use already/)
  third.release(Promise.resolve())
})

test('another key, another host and no key are free', () => {
  const leases = [takeKey('host', 'key', 'ENV'), takeKey('host', 'other', 'ENV'), takeKey('other', 'key', 'ENV'), takeKey('host', undefined, ''), takeKey('host', undefined, '')]
  for (const lease of leases) lease.release(Promise.resolve())
})

test('a connection whose end is an error frees its key, too', async () => {
  takeKey('host', 'key', 'ENV').release(Promise.reject(new Error('broken')))
  const next = takeKey('host', 'key', 'ENV')
  assert.ok(await isDone(next.ready))
  next.release(Promise.resolve())
})

test.run()
