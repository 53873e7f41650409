import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock, systemRandom } from '@millrace/core'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { barsTable, inFolder, letters, open } from './support.js'

const test = suite('crash')

const start = (path: string): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(new URL('crash-child.js', import.meta.url)), path], { stdio: ['ignore', 'pipe', 'inherit'] })

const lastLine = async (child: ChildProcess, whenSeen: () => void): Promise<number> => {
  let last = 0
  for await (const chunk of child.stdout ?? []) {
    const lines = String(chunk).trim().split('\n')
    last = Number(lines.at(-1))
    whenSeen()
  }
  return last
}

const counts = `SELECT (SELECT count(*) FROM bars WHERE symbol <> 'first') AS bars, (SELECT count(*) FROM dead_letters) AS letters,
  (SELECT max(close) FROM bars WHERE symbol = 'first') AS first, (SELECT count(*) FROM millrace.owned_bars) AS owned`

test('rows, ownership and checkpoint agree after kill -9 at any moment, twelve times over, and nothing acknowledged is lost', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    let least = 0
    for (let round = 0; round < 12; round++) {
      const child = start(path)
      const kill = (): void => void child.kill('SIGKILL')
      const exited = once(child, 'exit')
      // The first ones while the file is created and opened, the others some commits later.
      let acknowledged = 0
      if (round < 3) void systemClock.sleep(60 + round * 60).then(kill)
      let armed = false
      acknowledged = await lastLine(child, () => {
        if (armed) return
        armed = true
        void systemClock.sleep(systemRandom() * 400).then(kill)
      })
      await exited
      const opened = await open([barsTable(path), letters(path)])
      const header = Number((await opened.host.readCheckpoint('p'))?.header ?? 0)
      assert.ok(header >= Math.max(least, acknowledged), `round ${round}: checkpoint ${header}, acknowledged ${acknowledged}`)
      const even = header - (header % 2)
      const expected = { bars: 3 * header, letters: header, first: even === 0 ? null : even, owned: 3 * header + (even === 0 ? 0 : 1) }
      assert.equal((await queryDuckdb(path, counts))[0], expected, `round ${round}, header ${header}`)
      const changes = (await opened.host.readCheckpoint('p'))?.changes ?? []
      assert.is(changes.length, header < 20 ? header : (header % 20) + 1)
      least = header
      await opened.close()
    }
    assert.ok(least > 20, `only ${least} epochs in all`)
    assert.equal(readdirSync(folder).filter((name) => name !== 'a.duckdb'), [])
  }),
)

test.run()
