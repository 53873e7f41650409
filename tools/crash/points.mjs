import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

/** The test files that put programs through crash points; with the variable below they try all of them. */
const FILES = [
  'examples/stocks/dist-test/crash-points.test.js',
  'packages/core/dist-test/testing/runtime-crash.test.js',
  'packages/connector-finnhub/dist-test/crash-points.test.js',
  'tools/crash/live-points.test.mjs',
]

const run = (file, seed) =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, MILLRACE_CRASH_POINTS: 'all', MILLRACE_CRASH_SEED: String(seed) }
    const child = spawn(process.execPath, [join(root, file)], { cwd: root, env, stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code, signal) => (code === 0 ? resolve() : reject(new Error(`${file} ended with ${signal ?? code}`))))
  })

/** Every crash point of the small runs, one after the other. */
export const allCrashPoints = async (seed) => {
  for (const file of FILES) {
    console.log(`\nAll crash points of ${file}`)
    await run(file, seed)
  }
}
