// Shows that the equivalence suite would see what goes wrong: puts each mutant of tools/mutants/list.mjs, one at a time, into a
// copy of the built core, and runs the suite of random pipelines against it, which must go red.
// Usage: node tools/mutants.mjs [FILTER]   (only the mutants whose name contains FILTER)
// Exit 0: all were caught. 1: one survived, or does not apply any more, or the suite is red without any.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from './mutants/list.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const core = join(root, 'packages', 'core')
const suite = join('dist-test', 'equivalence', 'random.test.js')
const parallel = 2
const cases = 800
const casesUnmutated = 100
const secondsEach = 60

/** A copy that resolves `@millrace/core` and `#src` to itself, and everything else as the original does. */
const copyCore = (scratch, index) => {
  const copy = join(scratch, String(index), 'packages', 'core')
  mkdirSync(copy, { recursive: true })
  cpSync(join(core, 'package.json'), join(copy, 'package.json'))
  cpSync(join(core, 'dist'), join(copy, 'dist'), { recursive: true })
  cpSync(join(core, 'dist-test', 'equivalence'), join(copy, 'dist-test', 'equivalence'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(scratch, String(index), 'node_modules'))
  if (existsSync(join(core, 'node_modules'))) symlinkSync(join(core, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

const runSuite = (copy, count) =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      MILLRACE_CASES: String(count),
      MILLRACE_FIRST_SEED: '1',
      MILLRACE_SHRINK_MILLIS: '0',
      MILLRACE_PATIENCE_MILLIS: '10000',
    }
    delete env.MILLRACE_SEED
    const child = spawn(process.execPath, [join(copy, suite)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: secondsEach * 1_000,
      killSignal: 'SIGKILL',
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, signal: null, output: String(error) }))
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })

/** What the suite said, in a few words, and whether it was what is wanted of it. */
const verdictOf = ({ code, signal, output }) => {
  if (signal === 'SIGKILL') return { caught: false, said: `DOES NOT END within ${secondsEach} s` }
  // A mutant that does not even run shows nothing about the suite.
  if (/failed: (ReferenceError|SyntaxError)/.test(output)) return { caught: false, said: `DOES NOT RUN: ${output.slice(0, 300)}` }
  const differs = /case (\d+) differs[^\n]*\n\s*([^\n]*)/.exec(output)
  if (code !== 0 && differs !== null) return { caught: true, said: `case ${differs[1]}: ${differs[2].slice(0, 70)}` }
  if (code === 0) return { caught: false, said: 'SURVIVED: the suite is green' }
  return { caught: false, said: `DOES NOT RUN: ${output.trim().split('\n').slice(-6).join(' ').slice(0, 300)}` }
}

const mutated = (copy, { file, find, replace }) => {
  const path = join(copy, 'dist', file)
  const source = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (source.split(find).length !== 2) return undefined
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
  return () => writeFileSync(path, source)
}

const tryMutant = async (copy, mutant) => {
  const restore = mutated(copy, mutant)
  if (restore === undefined) {
    return {
      caught: false,
      said: `DOES NOT APPLY: dist/${mutant.file} holds ${JSON.stringify(mutant.find)} not exactly once; write the mutant anew (tools/mutants/list.mjs)`,
    }
  }
  const run = await runSuite(copy, cases)
  restore()
  return verdictOf(run)
}

const tryAll = async (chosen, scratch, done) => {
  const waiting = [...chosen]
  const worker = async (index) => {
    const copy = copyCore(scratch, index)
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const started = performance.now()
      const verdict = await tryMutant(copy, mutant)
      done({ ...verdict, name: mutant.name, seconds: (performance.now() - started) / 1_000 })
    }
  }
  await Promise.all(Array.from({ length: parallel }, (_, index) => worker(index)))
}

const main = async () => {
  const chosen = mutants.filter(({ name }) => name.includes(process.argv[2] ?? ''))
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-mutants-'))
  const results = []
  try {
    const green = await runSuite(copyCore(scratch, 'green'), casesUnmutated)
    if (green.code !== 0) throw new Error(`the suite is red without any mutant:\n${green.output}`)
    await tryAll(chosen, scratch, (result) => {
      results.push(result)
      console.log(
        `${result.caught ? 'caught' : 'MISSED'}  ${result.seconds.toFixed(1).padStart(5)} s  ${result.name.padEnd(66)}  ${result.said}`,
      )
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  const missed = results.filter(({ caught }) => !caught).length
  console.log(`${results.length - missed} of ${results.length} mutants caught`)
  process.exitCode = missed > 0 || results.length === 0 ? 1 : 0
}

await main()
