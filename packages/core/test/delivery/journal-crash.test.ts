import { fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runCrashPoints } from '@millrace/core/testing'
import { readCheckpoint, readConfirmed } from './journal-crash-program.js'
import { dump, temporaryFolder } from './journal-support.js'

const test = suite('journaled, killed')
const program = fileURLToPath(new URL('journal-crash-program.js', import.meta.url))

/** `life:number` of each text. */
const idsOf = (texts: readonly string[]): readonly string[] => texts.map((text) => text.split(':').slice(0, 2).join(':'))

/** Nothing that was confirmed is missing, nothing came twice, and all is in the order in which it was given. */
const check = (directory: string): void => {
  const ids = idsOf(readCheckpoint(directory)?.texts ?? [])
  assert.is(new Set(ids).size, ids.length, 'something came twice')
  const processed = new Set(ids)
  assert.equal(readConfirmed(directory).filter((id) => !processed.has(id)), [], 'confirmed, and lost')
  const lives = new Map<string, number>()
  for (const id of ids) {
    const [life = '', number] = id.split(':')
    const expected = lives.get(life) ?? 0
    assert.is(Number(number), expected, 'out of order, or with holes')
    lives.set(life, expected + 1)
  }
}

const nameOf = (point: string): string => point.slice(0, point.lastIndexOf('#'))

/** One of each name from the middle of the run, and half-written records at some more places. */
const chosen = (points: readonly string[]): readonly string[] => {
  const names = [...new Set(points.map(nameOf))]
  const some = names.flatMap((name) => {
    const same = points.filter((point) => nameOf(point) === name)
    const places = name.endsWith('append:middle') ? [0, 1 / 3, 2 / 3] : [1 / 2]
    return places.map((place) => same[Math.floor(same.length * place)])
  })
  return points.filter((point) => some.includes(point))
}

const journalPoints = (points: readonly string[]): readonly string[] => points.filter((point) => point.startsWith('journal '))

test('at its crash points, half-written records included: nothing confirmed is lost, nothing comes twice', async () => {
  const report = await runCrashPoints({ program, compare: (directory) => check(directory), choose: (points) => chosen(journalPoints(points)), parallel: 2 })
  const names = new Set(journalPoints(report.points).map(nameOf))
  for (const operation of ['append', 'create', 'sync', 'delete']) {
    for (const moment of ['before', 'middle', 'after']) {
      const name = `journal live.${operation}:${moment}`
      if (name !== 'journal live.delete:middle') assert.ok(names.has(name), `${name} is not among ${[...names].join(', ')}`)
    }
  }
  const crashed = new Set(report.crashed.map(nameOf))
  assert.ok(crashed.has('journal live.append:middle') && crashed.has('journal live.create:middle') && crashed.has('journal live.sync:middle'), [...crashed].join())
})

test('kill -9 at any moment, again and again: all that was confirmed is in the dump', async () => {
  const directory = temporaryFolder()
  for (let round = 0; round < 8; round++) {
    const child = fork(program, [directory, '400'], { env: { ...process.env, KEEP: '1' }, stdio: 'inherit' })
    const goal = 4 + ((round * 37) % 150)
    await new Promise<void>((done) => {
      child.on('message', (sent: number) => {
        if (sent >= goal) child.kill('SIGKILL')
      })
      child.on('exit', () => done())
    })
  }
  const records = await dump(join(directory, 'journal'))
  const texts = idsOf(records.flatMap((record) => (record._tag === 'Frame' ? record.value.toString() : [])))
  const known = new Set(texts)
  const confirmed = readConfirmed(directory)
  assert.ok(confirmed.length > 100)
  assert.equal(confirmed.filter((id) => !known.has(id)), [])
  assert.equal(records.map(({ number }) => number), records.map((_, index) => index + 1))
  assert.is(records.filter(({ _tag }) => _tag === 'Gap').length, 7)
  const child = fork(program, [directory, '10'], { env: { ...process.env, KEEP: '1' } })
  const code = await new Promise((done) => child.on('exit', done))
  assert.is(code, 0)
  check(directory)
  assert.is(readCheckpoint(directory)?.texts.length, texts.length + 10)
})

test.run()
