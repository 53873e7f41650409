import { existsSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The folder that relative paths are meant in. `npm run` starts scripts in the package's folder, wherever it was typed, and
 * leaves the place of typing in `INIT_CWD`. The demo has its own folder in the checkout, so it stays there.
 */
export const workingDirectory = (command: string | undefined, cwd: string, env: NodeJS.ProcessEnv): string => {
  const { npm_lifecycle_event: script, npm_package_json: packageFile, INIT_CWD: typedIn } = env
  const isOurScript = script === 'stocks' && packageFile !== undefined && dirname(packageFile) === cwd
  return isOurScript && command !== 'demo' && typedIn !== undefined && existsSync(typedIn) ? typedIn : cwd
}
