// JSON.parse of every line of a file, and nothing else. Usage: parse.mjs FILE
import { readFileSync } from 'node:fs'
import { report } from '../measured.mjs'
import { parseLines } from '../parse-lines.mjs'

report(parseLines(readFileSync(process.argv[2])))
