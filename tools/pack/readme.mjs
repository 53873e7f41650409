import { codeBlocks } from '../docs/documents.mjs'

/** What README's first example tells a stranger to type, and what it shows. @param {string} text README.md */
export const firstExample = (text) => {
  const commands = codeBlocks(text, 'sh').flatMap(({ code }) => code.split('\n').filter((line) => line !== ''))
  const only = (language) => {
    const [first] = codeBlocks(text, language)
    if (first === undefined) throw new Error(`README.md has no ${language} block`)
    return first.code
  }
  const table = text.split('\n').filter((line) => line.startsWith('|'))
  return {
    setup: commands.filter((line) => /^npm (init|pkg|install) /.test(line)),
    compile: commands.find((line) => line.startsWith('npx tsc ')),
    run: commands.find((line) => line.startsWith('node ')),
    input: only('json'),
    program: only('ts'),
    output: only('text'),
    rows: table.slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())),
  }
}
