import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { silentLogger } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { acquire, type Lease } from '#src/database.js'
import { identifyFile } from '#src/file-identity.js'
import { findOwner, type Line } from '#src/owner/call-owner.js'
import { frameOf } from '#src/owner/frames.js'
import type { Answer } from '#src/owner/messages.js'
import { placesOf } from '#src/owner/places.js'
import { Reception } from '#src/owner/reception.js'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { bar, barsTable, contextOf, inFolder, open, type Opened, refusalOf, rowOf } from './support.js'

const test = suite('reception of questions')

/** Would take years. */
const ENDLESS = 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = -1'

const lineTo = async (path: string): Promise<Line> => {
  const { owner } = await findOwner(identifyFile(path))
  if (owner === undefined) throw new Error('nobody answers')
  return owner.line
}

const ask = (line: Line, path: string, sql: string): AsyncGenerator<Answer> => line.ask({ ask: 'query', path, sql, values: [] })

/** The kinds of the parts of an answer, to its end. */
const kindsOf = async (answers: AsyncGenerator<Answer>): Promise<readonly string[]> => {
  const kinds: string[] = []
  for await (const answer of answers) kinds.push(...Object.keys(answer))
  return kinds
}

const withFile = (work: (path: string, opened: Opened) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    try {
      await work(path, opened)
    } finally {
      await opened.close()
    }
  })

/** Lines with questions that never end; each is under way or waits when this resolves. */
const busyLines = async (path: string, count: number): Promise<readonly Line[]> => {
  const lines = []
  for (let k = 0; k < count; k++) {
    const line = await lineTo(path)
    const first = await ask(line, path, ENDLESS).next()
    assert.equal(first.value, { alive: true })
    lines.push(line)
  }
  return lines
}

test('who goes away ends its question, and makes room for the next; a commit does not wait for either', () =>
  withFile(async (path, opened) => {
    const lines = await busyLines(path, 3)
    await opened.commit({ bars: [rowOf(bar('A', 1))] })
    const next = await lineTo(path)
    const answer = kindsOf(ask(next, path, 'SELECT 1 AS x'))
    for (const line of lines) line.close()
    assert.equal((await answer).filter((kind) => kind !== 'alive'), ['names', 'rows', 'done'])
    next.close()
  }),
)

test('questions are bounded in number; the file closes while many are asked, and nothing of them is left', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const before = process.getActiveResourcesInfo()
    const opened = await open([barsTable(path)])
    const lines = await Promise.all(Array.from({ length: 34 }, () => lineTo(path)))
    const answers = lines.map((line) => ask(line, path, ENDLESS))
    await Promise.all(answers.map((answer) => answer.next()))
    const one = await lineTo(path)
    const refused = await ask(one, path, 'SELECT 1').next()
    assert.is((refused.value as { error: { tag: string } }).error.tag, 'TooManyQuestions')
    const ends = answers.map(kindsOf)
    await opened.close()
    for (const end of ends) assert.ok((await end).every((kind) => kind === 'alive'))
    for (const line of [...lines, one]) line.close()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(process.getActiveResourcesInfo().filter((kind) => !before.includes(kind)), [])
  }),
)

test('who says what is no question, more than one, or too much, is dropped', () =>
  withFile(async (path) => {
    const question = { ask: 'query', path, sql: ENDLESS, values: [] }
    const framed = frameOf(question, 'it', 1e6)
    const bad = [Buffer.from([0, 0, 0, 1, 0xc1]), frameOf({ ask: 'all' }, 'it', 1e6), Buffer.from([0x7f, 0, 0, 0]), Buffer.concat([framed, framed])]
    for (const bytes of bad) {
      const socket = connect(`${path}.sock`)
      socket.on('error', () => undefined)
      socket.on('data', () => undefined).write(bytes)
      await once(socket, 'close')
    }
    const line = await lineTo(path)
    assert.equal(await kindsOf(ask(line, path, 'SELECT 1 AS x')), ['names', 'rows', 'done'])
    line.close()
  }),
)

/** A reception of its own, whose answers never end. */
const flooding = async (folder: string, pieceMillis: number, questionMillis: number): Promise<{ readonly reception: Reception; readonly path: string }> => {
  const path = join(folder, 'b.duckdb')
  writeFileSync(path, '')
  const lease = await acquire(join(folder, 'a.duckdb'), { memoryLimit: '64MB' })
  const reception = await Reception.open(identifyFile(path), {
    pipelines: () => [],
    reading: async (work) => {
      const connection = await lease.database.instance.connect()
      try {
        await work(connection)
      } finally {
        connection.disconnectSync()
        await lease.release()
      }
    },
  }, { pieceMillis, questionMillis })
  return { reception, path }
}

test('who does not read its answer is dropped, and its question ends', () =>
  inFolder(async (folder) => {
    const { reception, path } = await flooding(folder, 200, 5_000)
    const socket = connect(`${path}.sock`)
    socket.on('error', () => undefined)
    socket.write(frameOf({ ask: 'query', path, sql: "SELECT repeat('x', 10000) AS s FROM range(1000000)", values: [] }, 'it', 1e6))
    socket.pause()
    while (!reception.isBusy) await new Promise((resolve) => setImmediate(resolve))
    while (reception.isBusy) await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    await reception.close()
  }),
)

test('who asks nothing is dropped', () =>
  inFolder(async (folder) => {
    const { reception, path } = await flooding(folder, 5_000, 100)
    const socket = connect(`${path}.sock`)
    socket.on('data', () => undefined)
    await once(socket, 'close')
    await reception.close()
  }),
)

const renewing = async (path: string): Promise<Lease> => {
  const lease = await acquire(path, { memoryLimit: '64MB', renewAfterBytes: -Infinity })
  await lease.database.connection.run("SET GLOBAL wal_autocheckpoint = '1KB'")
  return lease
}

test('a question that lasts is interrupted when the file must be let go, and its asker is told to ask again', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const lease = await renewing(path)
    const opened = await open([barsTable(path)])
    const line = await lineTo(path)
    const answers = kindsOf(ask(line, path, ENDLESS))
    const before = Date.now()
    await opened.commit({ bars: [rowOf(bar('A', 1))] })
    assert.ok(Date.now() - before < 30_000)
    assert.is((await answers).at(-1), 'again')
    assert.is(lease.database.broken, undefined)
    const next = await lineTo(path)
    assert.is((await kindsOf(ask(next, path, 'FROM bars'))).at(-1), 'done')
    line.close()
    next.close()
    await opened.close()
    await lease.release()
  }),
)

const attempt = (script: string, path: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '-e', `import { open, barsTable } from ${JSON.stringify(fileURLToPath(new URL('support.js', import.meta.url)))}
    import { queryDuckdb } from '@millrace/sink-duckdb'
    const path = ${JSON.stringify(path)}
    ${script}`], { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('..', import.meta.url)) })

const outputOf = async ({ stdout }: ChildProcess): Promise<string> => {
  let output = ''
  for await (const chunk of stdout ?? []) output += String(chunk)
  return output
}

test('while the file is let go for a moment, a second writer is refused, and a reader waits for the owner', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const lease = await renewing(path)
    const opened = await open([barsTable(path)])
    const blocker = await lease.database.instance.connect()
    await blocker.run('BEGIN')
    await blocker.run('SELECT count(*) FROM millrace_file.bars')
    // Nobody has the file now, until the blocker goes.
    const committed = opened.commit({ bars: [rowOf(bar('A', 1))] })
    const writer = outputOf(attempt('await open([barsTable(path)]).then(() => console.log("open"), (e) => console.log(e._tag, e.message))', path))
    const reader = outputOf(attempt('console.log(await queryDuckdb(path, "SELECT count(*) AS n FROM bars"))', path))
    assert.match(await writer, `DatabaseInUse ${path} is in use by process ${process.pid} (pipelines p)`)
    blocker.disconnectSync()
    await committed
    assert.is(await reader, '[ { n: 1 } ]\n')
    assert.is(lease.database.broken, undefined)
    await opened.close()
    await lease.release()
  }),
)

test('another thread of the process is another owner: it can ask, and is refused as a writer', () =>
  withFile(async (path, opened) => {
    await opened.commit({ bars: [rowOf(bar('A', 1))] })
    const support = new URL('support.js', import.meta.url).href
    const script = `const { parentPort } = require('node:worker_threads')
      import(${JSON.stringify(support)}).then(async ({ open, barsTable }) => {
        const { queryDuckdb } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)})
        const rows = await queryDuckdb(${JSON.stringify(path)}, 'SELECT count(*) AS n FROM bars')
        const refusal = await open([barsTable(${JSON.stringify(path)})]).then(() => 'open', (e) => e._tag + ' ' + e.message)
        parentPort.postMessage([rows, refusal])
      })`
    const worker = new Worker(script, { eval: true })
    const [[rows, refusal]] = (await once(worker, 'message')) as [[unknown, string]] // as: what the script posts
    await worker.terminate()
    assert.equal(rows, [{ n: 1 }])
    assert.match(refusal, `DatabaseInUse ${path} is in use by another thread of this process, ${process.pid} (pipelines p)`)
  }),
)

test('an owner of another version is named, with the remedy', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([barsTable(path)])
    await opened.close()
    const { id } = identifyFile(path)
    const hello = { millrace: 'duckdb-owner', protocol: 99, pid: 1, file: id, pipelines: ['x'] }
    const server = createServer((socket) => void socket.on('error', () => undefined).write(frameOf(hello, 'it', 1e6)))
    server.listen(`${path}.sock`)
    await once(server, 'listening')
    assert.match((await refusalOf(() => open([barsTable(path)]))).message, 'in use by process 1 (pipelines x)')
    // Its file is not locked, so it can be read here.
    assert.equal(await queryDuckdb(path, 'SELECT count(*) AS n FROM bars'), [{ n: 0 }])
    server.close()
  }),
)

test('where no socket can be made the pipeline runs, and says so once', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    mkdirSync(`${path}.sock`)
    await (await open([barsTable(path)])).close()
    const places = placesOf(identifyFile(path))
    assert.equal([places[0], places.length, places[1]?.startsWith(tmpdir())], [`${path}.sock`, 2, true])
    mkdirSync(places[1] ?? '')
    try {
      const warnings: string[] = []
      const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
      const host = await barsTable(path).store?.open(contextOf())
      const writers = []
      for (const name of ['bars', 'more']) writers.push(await barsTable(path, { name }).open({ ...contextOf(), logger }))
      for (const writer of writers) await writer.close()
      await host?.close()
      assert.is(warnings.length, 1)
      assert.match(warnings[0] ?? '', `While this process has ${path}, others cannot ask it: no socket could be made (${path}.sock is there, and is no socket`)
    } finally {
      rmdirSync(places[1] ?? '')
    }
  }),
)

test.run()
