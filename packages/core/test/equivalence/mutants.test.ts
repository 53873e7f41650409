// @deadline 900 s
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const mutants = suite('mutants of the runtime')

mutants('each is caught by the random pipelines alone', () => {
  const tool = fileURLToPath(new URL('../../../../tools/mutants.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool], { encoding: 'utf8' })
  process.stdout.write(stdout)
  assert.is(status, 0, `${stdout}${stderr}`)
  assert.match(stdout, /^([1-9]\d+) of \1 mutants caught$/m)
})

mutants.run()
