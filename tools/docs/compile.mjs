import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a careful user sets: strict, and no skipLibCheck, so that our declarations are checked as well. */
export const strictOptions = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  types: ['node'],
}

/**
 * Compiles programs, each a module of its own, as a user of the packages would.
 * @param {string} root the checkout
 * @param {string} folder below which to write them; emptied first
 * @param {readonly { name: string, code: string }[]} programs
 * @returns {string} what the compiler complained of; empty if nothing
 */
export const compile = (root, folder, programs) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strictOptions, noEmit: true }, include: ['*.ts'] }))
  for (const { name, code } of programs) writeFileSync(join(folder, `${name}.ts`), code)
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' })
  return status === 0 ? '' : `${stdout}${stderr}`
}
