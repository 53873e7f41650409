import { RefusedError } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { droppedOutBy, filesOf, judgeRun, refuseConflict, refuseCopy, refuseForeign, type RunFile, type RunRecord } from '#src/delivery/run-record.js'
import { file, identityOf, record, refusalOf, unfinished } from './run-records.js'

const test = suite('what a bounded run may read')

const [a, b, c, d] = [file('a'), file('b'), file('c'), file('d')]
const touchedA = file('a', { size: 10, mtimeMillis: 2 })
const grownA = file('a', { size: 25, mtimeMillis: 2 })

/** The verdict in a word, with the runs that it names; or the tag of the refusal. */
const judge = (runs: readonly RunRecord[], files: readonly RunFile[], replace = false, resumable = true): string => {
  try {
    const verdict = judgeRun(runs, identityOf(files), files, replace, resumable)
    const names = verdict._tag === 'Fresh' ? verdict.replaces.map(({ id }) => id) : [verdict.run.id]
    return [verdict._tag, ...names].join(' ')
  } catch (error) {
    if (error instanceof RefusedError) return error._tag
    throw error
  }
}

test('nothing before: fresh', () => {
  assert.is(judge([], [a, b]), 'Fresh')
  assert.is(judge([], [a, b], true), 'Fresh')
})

test('after a finished run', () => {
  const runs = [record('1', [a, b])]
  assert.is(judge(runs, [a, b]), 'Done 1')
  assert.is(judge(runs, [c]), 'Fresh')
  assert.is(judge(runs, [a]), 'OverlappingRun')
  assert.is(judge(runs, [b, c]), 'OverlappingRun')
  assert.is(judge(runs, [a, b, c]), 'OverlappingRun')
  assert.is(judge(runs, [touchedA, b]), 'ChangedFile')
  assert.is(judge(runs, [grownA, c]), 'ChangedFile')
})

test('after a finished run, with replace', () => {
  const runs = [record('1', [a, b]), record('2', [c])]
  assert.is(judge(runs, [a, b], true), 'Fresh 1')
  assert.is(judge(runs, [a], true), 'Fresh 1')
  assert.is(judge(runs, [grownA, c], true), 'Fresh 1 2')
  assert.is(judge(runs, [d], true), 'Fresh')
})

test('while a run is unfinished', () => {
  const runs = [record('1', [a]), unfinished('2', [b, c])]
  assert.is(judge(runs, [b, c]), 'Resume 2')
  assert.is(judge(runs, [b]), 'UnfinishedRun')
  assert.is(judge(runs, [b, c, d]), 'UnfinishedRun')
  assert.is(judge(runs, [d]), 'UnfinishedRun')
  assert.is(judge(runs, [a, d]), 'UnfinishedRun')
  assert.is(judge(runs, [file('b', { size: 11 }), c]), 'UnfinishedRun')
  // Nothing is to be done, so nothing can be mixed.
  assert.is(judge(runs, [a]), 'Done 1')
})

test('while a run is unfinished, with replace: it goes, whether its files are among those given or not', () => {
  const runs = [record('1', [a]), unfinished('2', [b, c])]
  assert.is(judge(runs, [b, c], true), 'Resume 2')
  assert.is(judge(runs, [b], true), 'Fresh 2')
  assert.is(judge(runs, [d], true), 'Fresh 2')
  assert.is(judge(runs, [a, d], true), 'Fresh 1 2')
})

test('a run whose state no longer fits is not begun again without being asked', () => {
  const runs = [unfinished('1', [a])]
  assert.is(judge(runs, [a], false, false), 'Resume 1')
  assert.is(judge(runs, [a], true, false), 'Fresh 1')
})

test('while a run that replaces others is unfinished, those can be neither resumed nor done', () => {
  const replacing = unfinished('3', [b, d], { replaces: ['1', '2'] })
  const runs = [record('1', [a]), unfinished('2', [b, c]), replacing]
  assert.is(judge(runs, [b, d]), 'Resume 3')
  assert.is(judge(runs, [b, d], true), 'Resume 3')
  assert.is(judge(runs, [b, c]), 'UnfinishedRun')
  assert.is(judge(runs, [a]), 'UnfinishedRun')
  assert.is(judge(runs, [b, c], true), 'Fresh 2 3')
})

test('after a run that replaced others has finished they are forgotten', () => {
  assert.is(judge([record('3', [b, d], { replaces: ['1', '2'] })], [a]), 'Fresh')
})

const run = record('1', [a, b], { startedAtMillis: Date.UTC(2024, 0, 2, 3, 4, 5) })
const remedy = 'or ask for replace (`replace: true`, on a command line --replace): it deletes what that run wrote and reads exactly the files given.'
const messageOf = (runs: readonly RunRecord[], files: readonly RunFile[]): string => refusalOf(() => judgeRun(runs, identityOf(files), files, false)).message

test('a refusal names file and run, and says what to do', () => {
  assert.is(
    messageOf([run], [a]),
    `'a' was already read by the run of 2024-01-02T03:04:05.000Z (2 files, 'a' …), whose files are not the ones given now; nothing is new since then: finished runs have read every file given, so nothing is left to do. To read exactly these anew, ask for replace (\`replace: true\`, on a command line --replace): it deletes what those runs wrote, also of files that are not given.`,
  )
  assert.is(
    messageOf([run], [grownA]),
    `'a' has changed since the run of 2024-01-02T03:04:05.000Z (2 files, 'a' …) read it (size 10 → 25, mtimeMillis 1 → 2). Put the file back as it was, ${remedy}`,
  )
  const again = 'Run it again with exactly the same files and it goes on where it stopped,'
  const left = { ...run, files: [a], finished: false }
  assert.is(messageOf([left], [d]), `the run of 2024-01-02T03:04:05.000Z (1 file, 'a') is not finished. ${again} ${remedy}`)
  assert.is(messageOf([left], [a, d]), `the run of 2024-01-02T03:04:05.000Z (1 file, 'a') read 'a' and is not finished. ${again} ${remedy}`)
  assert.is(
    messageOf([left], [touchedA]),
    `the run of 2024-01-02T03:04:05.000Z (1 file, 'a') read 'a' and is not finished; the file has changed since (mtimeMillis 1 → 2). Put the file back as it was and run again with exactly the same files and it goes on where it stopped, ${remedy}`,
  )
})

test('what is new is named, also where several runs have read the rest', () => {
  assert.is(
    messageOf([run], [a, b, c]),
    `'a' was already read by the run of 2024-01-02T03:04:05.000Z (2 files, 'a' …), whose files are not the ones given now; new since then: 'c'. Give only what is new, ${remedy}`,
  )
  const two = [record('1', [a]), record('2', [b])]
  assert.match(messageOf(two, [a, b, c, d]), /; new since then: 'c', 'd'\. Give only what is new, or/)
  assert.match(messageOf(two, [a, b]), /; nothing is new since then: finished runs have read every file given/)
  assert.match(messageOf(two, [a, ...['v', 'w', 'x', 'y', 'z'].map((name) => file(name))]), /; new since then: 'v', 'w', 'x' and 2 more\./)
  // Not only new or not: the second run has read it otherwise.
  assert.match(messageOf(two, [a, file('b', { size: 11, mtimeMillis: 1 })]), /^'b' has changed since/)
})

test('of several shared files one that has changed is named', () => {
  assert.match(messageOf([run], [a, file('b', { size: 11, mtimeMillis: 1 })]), /^'b' has changed since .* \(size 10 → 11\)\. /)
})

test('fingerprints of any shape are compared and shown', () => {
  const odd = record('1', [file('a', 'etag-1')])
  assert.match(messageOf([odd], [file('a', 'etag-2')]), /^'a' has changed since the run of .* read it\. Put/)
  assert.match(messageOf([record('1', [file('a', { part: [1], gone: 1 })])], [file('a', { part: [2], more: null })]), 'read it (part [1] → [2], more unknown → null).')
  assert.match(messageOf([record('1', [file('a', { size: 1, gone: 1 })])], [file('a', { size: 1 })]), /read it\. Put/)
})

test('a shared window names both sides, and a row', () => {
  const { _tag, message } = refuseConflict(run, 'bars key=A', [c, d])
  assert.is(_tag, 'SharedWindow')
  assert.is(
    message,
    `the run of 2024-01-02T03:04:05.000Z (2 files, 'a' …) already wrote bars key=A, and the files given now (2 files, 'c' …) have records of the same key and window: half a window would replace the other half. Give all files of that window in one run, ${remedy}`,
  )
  assert.match(refuseConflict(undefined, 'bars key=A', [c]).message, /^something outside of any recorded run already wrote bars key=A, and the files given now \(1 file, 'c'\)/)
})

test('a row of another pipeline is none that replace could help with', () => {
  const { _tag, message } = refuseForeign('other', 'bars key=A', [c])
  assert.is(_tag, 'SharedWindow')
  assert.is(
    message,
    "pipeline 'other' already wrote bars key=A, and the files given now (1 file, 'c') have records of the same key and window. Replace deletes only what this pipeline wrote, so it does not help: give this pipeline a table of its own, or the name of the pipeline that wrote the row.",
  )
  assert.match(refuseForeign(undefined, 'bars key=A', [c]).message, /^another pipeline already wrote bars key=A,/)
})

test('a copy names both files, within a run and across', () => {
  const within = refuseCopy('a', 'b', undefined)
  assert.equal([within._tag, within.message], ['CopiedFile', "'a' has the same content as 'b', another file of this run: its records would be counted twice. Leave one of them out."])
  const across = refuseCopy('c', 'b', run)
  assert.is(across.message, `'c' has the same content as 'b', a file of the run of 2024-01-02T03:04:05.000Z (2 files, 'a' …): it was copied or renamed, and its records would be counted twice. Leave it out, ${remedy}`)
})

test('files drop out that replaced runs had, or were about to replace, and that are not given', () => {
  assert.equal(droppedOutBy([record('1', [b, a]), record('2', [c, a])], [c]), ['a', 'b'])
  assert.equal(droppedOutBy([unfinished('3', [b], { droppedOut: ['a', 'c'] })], [c]), ['a', 'b'])
  // What a finished run replaced was told when it did.
  assert.equal(droppedOutBy([record('3', [b], { droppedOut: ['a'] })], [c]), ['b'])
})

test('files are remembered by name, in order, whatever the order they are listed in', () => {
  assert.equal(filesOf([{ name: 'b', fingerprint: 2 }, { name: 'a' }]), [file('a', null), file('b', 2)])
})

test.run()
