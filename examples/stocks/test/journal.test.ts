// What was received, as it came: also while it is received.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runCli, startCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('journal')

const BAD_TEXT = Buffer.from([0x22, 0xff, 0x22])
const FRAMES = ['{"type":"ping"}', '', 'two\nlines', '贵州茅台 🚀', Buffer.from('binary'), { data: BAD_TEXT, binary: false }, '{"type":"ping"}']
const live = (url: string): readonly string[] => ['live', '--symbols', 'AAPL', '--db', 'bars.duckdb', '--url', url, '--keep-journal']

test('each record is a document, whatever it was, also while live runs; a reconnection is a gap', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: FRAMES, atEnd: 'stayOpen', faults: [{ kind: 'close', code: 1011, afterFrames: 6 }] }, async (exchange) => {
    const startedAtMillis = Date.now()
    const { child, ended } = startCli(live(exchange.url), folder)
    await exchange.done
    let documents: any[] = [] // any: a test looks at what it expects
    while (documents.length < FRAMES.length + 1) {
      const { code, stdout, stderr } = await runCli(['journal', 'bars.duckdb.journal'], folder)
      assert.is(code, 0, stderr)
      documents = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))
    }
    child.kill('SIGTERM')
    await ended
    assert.equal(documents.map(({ record }) => record), documents.map((_, i) => documents[0].record + i))
    const gap = documents.splice(6, 1)[0].gap
    assert.ok(gap.fromMillis <= gap.toMillis && /1011/.test(gap.reason), JSON.stringify(gap))
    assert.ok(documents.every(({ receivedAtMillis }) => receivedAtMillis >= startedAtMillis && receivedAtMillis <= Date.now()))
    const contents = documents.map(({ frame, frameBase64 }) => frame ?? Buffer.from(frameBase64, 'base64').toString('latin1'))
    assert.equal(contents, ['{"type":"ping"}', '', 'two\nlines', '贵州茅台 🚀', 'binary', BAD_TEXT.toString('latin1'), '{"type":"ping"}'])
    assert.equal(documents.map(({ frameBase64 }) => frameBase64 !== undefined), [false, false, false, false, true, true, false])
  })
  const { stdout, stderr } = await runCli(['journal', 'bars.duckdb.journal', '--frames'], folder)
  assert.is(stdout, '{"type":"ping"}\n贵州茅台 🚀\n{"type":"ping"}\n')
  assert.match(stderr, /^4 frames left out/)
}))

test('no folder, or no journal', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'text'), 'hello')
  for (const [path, message] of [['nowhere', /^Failed: There is no folder nowhere/], ['text', /^Failed: text is a file/]] as const) {
    const { code, stderr } = await runCli(['journal', path], folder)
    assert.is(code, 1)
    assert.match(stderr, message)
  }
}))

test('a reader that leaves early is no error', inTemporaryFolder(async (folder) => {
  const frames = Array.from({ length: 20_000 }, (_, i) => `{"type":"ping","i":${i}}`)
  await withExchange({ frames }, async ({ url }) => void (await runCli([...live(url), '--until-closed'], folder)))
  const { child, ended } = startCli(['journal', 'bars.duckdb.journal'], folder)
  child.stdout?.once('data', () => child.stdout?.destroy())
  assert.equal([(await ended).code, (await ended).stderr], [0, ''])
}))

test.run()
