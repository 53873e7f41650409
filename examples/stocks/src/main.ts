import { readFileSync } from 'node:fs'
import { ignoreBrokenPipe } from './cli/broken-pipe.js'
import { run } from './cli/run.js'
import { workingDirectory } from './cli/working-directory.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string } // as: our own file

ignoreBrokenPipe([process.stdout, process.stderr])
process.chdir(workingDirectory(process.argv[2], process.cwd(), process.env))
process.exitCode = await run(process.argv.slice(2), version)
