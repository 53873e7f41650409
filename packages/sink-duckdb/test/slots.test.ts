import { setImmediate } from 'node:timers/promises'
import { Interruption } from '#src/owner/interruption.js'
import { Slots } from '#src/owner/slots.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('slots')

interface Started {
  readonly end: () => void
  /** Resolves when the work is told to end; `done`, when its place is free. */
  readonly ended: Promise<void>
  readonly done: Promise<void>
  readonly interruption: Interruption
}

/** Work that says when it begins, and ends when it is told to. */
const started = (slots: Slots, begun: string[], name: string): Started => {
  const interruption = new Interruption()
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const done = slots.run(interruption, () => {
    begun.push(name)
    return ended
  })
  return { end, ended, done, interruption }
}

test('every drain resolves, and nobody is let in before the last one is over', async () => {
  const [slots, begun] = [new Slots(), new Array<string>()]
  const running = started(slots, begun, 'a')
  await setImmediate()
  const drained: string[] = []
  const drains = ['first', 'second'].map((name) => slots.drain().then(() => drained.push(name)))
  await setImmediate()
  assert.equal(drained, [])
  running.end()
  await Promise.all(drains)
  assert.equal(drained, ['first', 'second'])
  const later = started(slots, begun, 'b')
  slots.resume()
  await setImmediate()
  assert.equal(begun, ['a'])
  slots.resume()
  await setImmediate()
  assert.equal(begun, ['a', 'b'])
  later.end()
  await later.done
  assert.is(slots.isBusy, false)
})

test('a newcomer does not overtake one that was let in and has not woken', async () => {
  const [slots, begun] = [new Slots(), new Array<string>()]
  const first = ['a', 'b', 'c'].map((name) => started(slots, begun, name))
  await setImmediate()
  let late: Started | undefined
  // Comes behind "a", which leaves and wakes "c", and before "c".
  const leaving = first[0]?.ended.then(() => (late = started(slots, begun, 'late')))
  first[0]?.end()
  await leaving
  await setImmediate()
  assert.equal(begun, ['a', 'b', 'c'])
  first[1]?.end()
  await setImmediate()
  assert.equal(begun, ['a', 'b', 'c', 'late'])
  first[2]?.end()
  late?.end()
  await late?.done
})

test('one that is interrupted while it waits, or before, leaves its place to the next', async () => {
  const [slots, begun] = [new Slots(), new Array<string>()]
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => started(slots, begun, name))
  const gone = c?.done.then(() => 'done', (error: unknown) => error instanceof Error && error.message)
  c?.interruption.interrupt('gone')
  assert.is(await gone, 'nobody waits for the answer')
  const before = new Interruption()
  before.interrupt('gone')
  await slots.run(before, () => Promise.reject(new Error('was let in'))).then(() => assert.unreachable(), (error: Error) => assert.not.match(error.message, 'let in'))
  a?.end()
  await setImmediate()
  assert.equal(begun, ['a', 'b', 'd'])
  for (const one of [b, d]) one?.end()
  await Promise.all([b?.done, d?.done])
  assert.is(slots.isBusy, false)
})

test.run()
