// Follows README's first example as a stranger would: in an empty project, with the packages as they would be published.
// Usage: node tools/pack-check.mjs
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strictOptions } from './docs/compile.mjs'
import { firstExample } from './pack/readme.mjs'
import { root } from './prepare.mjs'

const run = (cwd, command, args) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} failed (${status ?? error?.message}):\n${stdout}${stderr}`)
}

/** Packs every package. @returns tarballs and what is in them, by package name */
export const pack = (folder) => {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
  const args = packages.flatMap((path) => ['-w', path])
  const packed = JSON.parse(run(root, 'npm', ['pack', '--json', '--silent', '--pack-destination', folder, ...args]))
  // npm 11 and older: a list; newer: by name.
  return new Map(Object.values(packed).map(({ name, filename, files }) => [name, { tarball: join(folder, filename), files: files.map(({ path }) => path) }]))
}

const quietly = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']

/** One npm command of the page; `npm install a b` with the tarballs in place of the packages that they are. */
const setUp = (project, command, packed) => {
  const args = words(command).map((word) => packed.get(word)?.tarball ?? word)
  run(project, 'npm', args[0] === 'install' ? [...args, ...quietly] : args)
}

const words = (command) => command.split(' ').slice(1)

/** What is in the tables after the run, through the DuckDB that the stranger's project has. */
const reader = `
import { DuckDBInstance } from '@duckdb/node-api'
const instance = await DuckDBInstance.create('bars.duckdb')
const connection = await instance.connect()
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson()
console.log(JSON.stringify({
  bars: await rows('SELECT symbol, start::VARCHAR, open::VARCHAR, high::VARCHAR, low::VARCHAR, close::VARCHAR, volume::VARCHAR FROM bars ORDER BY start'),
  dead: await rows('SELECT stage, error_path, payload_text FROM dead_letters'),
}))`

const compileStrictly = (project) => {
  writeFileSync(join(project, 'tsconfig.strict.json'), JSON.stringify({ compilerOptions: { ...strictOptions, noEmit: true }, files: ['bars.ts'] }))
  run(project, 'npx', ['tsc', '-p', 'tsconfig.strict.json', '--pretty', 'false'])
}

/** Does all of it. @returns what the pages promise, and what came of it */
export const followReadme = () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
  try {
    const example = firstExample(readFileSync(join(root, 'README.md'), 'utf8'))
    const packed = pack(folder)
    const project = join(folder, 'project')
    mkdirSync(join(project, 'trades'), { recursive: true })
    for (const command of example.setup) setUp(project, command, packed)
    writeFileSync(join(project, 'trades', 'monday.ndjson'), example.input)
    writeFileSync(join(project, 'bars.ts'), example.program)
    compileStrictly(project)
    run(project, 'npx', words(example.compile))
    const output = run(project, 'node', words(example.run))
    const again = run(project, 'node', words(example.run))
    writeFileSync(join(project, 'read.mjs'), reader)
    const tables = JSON.parse(run(project, 'node', ['read.mjs']))
    return { example, packed, output, again, tables }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { output, tables } = followReadme()
  process.stdout.write(`${output}${JSON.stringify(tables, null, 2)}\n`)
}
