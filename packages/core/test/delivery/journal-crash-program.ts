// A small program for the crash driver: a live source that confirms what it gave, a journal, and a checkpoint in a file. With a second
// argument it gives so many frames, otherwise 40; it may be killed at any moment and run again.
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { journaled, silentLogger, systemClock, systemRandom, type JournalOffset } from '@millrace/core'
import { crashInstrumentFromEnv, failing, flatRecords, testCredit } from '@millrace/core/testing'
import { frame, liveSource } from './journal-support.js'

/** What a checkpoint holds: how far it has come, and all that was processed. */
export interface Checkpoint {
  readonly offset: JournalOffset | undefined
  readonly texts: readonly string[]
}

const checkpointPath = (directory: string): string => join(directory, 'checkpoint.json')

export const readCheckpoint = (directory: string): Checkpoint | undefined =>
  existsSync(checkpointPath(directory)) ? JSON.parse(readFileSync(checkpointPath(directory), 'utf8')) : undefined

const writeCheckpoint = (directory: string, checkpoint: Checkpoint): void => {
  writeFileSync(`${checkpointPath(directory)}.new`, JSON.stringify(checkpoint))
  renameSync(`${checkpointPath(directory)}.new`, checkpointPath(directory))
}

const confirmedPath = (directory: string): string => join(directory, 'confirmed.txt')

export const readConfirmed = (directory: string): readonly string[] => (existsSync(confirmedPath(directory)) ? readFileSync(confirmedPath(directory), 'utf8').split('\n').filter(Boolean) : [])

const run = async (directory: string, frames: number): Promise<void> => {
  mkdirSync(join(directory, 'journal'), { recursive: true })
  const ports = crashInstrumentFromEnv() ?? failing([])
  const live = liveSource()
  const source = ports.source(journaled(live, { directory: join(directory, 'journal'), maxBytes: 4_096, segmentBytes: 1_024, keep: process.env['KEEP'] !== undefined }))
  const before = readCheckpoint(directory)
  const texts = [...(before?.texts ?? [])]
  const signal = new AbortController().signal
  const ending = new AbortController()
  let settled: Promise<unknown> = Promise.resolve()
  let batches = 0
  let look = (): void => undefined
  // So that every run passes the same points.
  const read = (text: string | undefined): Promise<void> =>
    new Promise((resolve) => {
      look = () => (texts.at(-1) === text ? resolve() : undefined)
      look()
    })
  let last = before?.offset
  const done = new Promise<void>((resolve, reject) => {
    const context = { clock: systemClock, random: systemRandom, signal, credit: testCredit(Infinity, signal), runStartedAtMillis: 0, logger: silentLogger, listening: () => undefined, ending: ending.signal }
    source.read('p', before?.offset, context).subscribe({
      next: (batch) => {
        for (const { value } of flatRecords(batch)) texts.push(Buffer.from(value).toString())
        last = batch.offset
        look()
        if (++batches % 3 > 0) return
        writeCheckpoint(directory, { offset: batch.offset, texts })
        settled = settled.then(() => source.settle?.('p', batch.offset))
      },
      complete: resolve,
      error: reject,
    })
  })
  await live.connected()
  const life = `${process.pid}-${systemClock.now()}`
  for (let i = 0; i < frames; i += 2) {
    const ids = [`${life}:${i}`, `${life}:${i + 1}`]
    const some = ids.map((id) => `${id}:${'x'.repeat(i * 5)}`)
    live.batch({ records: some.map((text, index) => frame(text, [1, i + index], 1_000)) })
    // The socket is still open: it may confirm.
    if (live.open() > 0) appendFileSync(confirmedPath(directory), `${ids.join('\n')}\n`)
    await read(some.at(-1))
    await settled
    process.send?.(i)
  }
  ending.abort('drain')
  live.complete()
  await done
  await settled
  writeCheckpoint(directory, { offset: last, texts })
  if (last !== undefined) await source.settle?.('p', last)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv[2] ?? '', Number(process.argv[3] ?? 40))
