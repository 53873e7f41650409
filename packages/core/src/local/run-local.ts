import { planOf, type Pipeline } from '../pipeline/define.js'
import type { Traits } from '../traits.js'
import { checkMillis, checkOptions } from './check-options.js'
import { failureOf } from './failure-of.js'
import type { Job } from './job.js'
import type { LocalOptions } from './options.js'
import { LocalRun } from './run.js'

/** @throws TypeError if the config has no JSON form at all: undefined, a BigInt, a circle */
const throughJson = <C>({ name, config: codec }: Pipeline<C, Traits['reach']>, config: C): unknown => {
  try {
    return JSON.parse(JSON.stringify(codec.encode(config)))
  } catch (cause) {
    throw new TypeError(`runLocal: the config of pipeline '${name}' has no JSON form, which its codec ${codec.name} must give it (workers are sent it as JSON): ${failureOf(cause).message}`, { cause })
  }
}

/** @throws TypeError naming the field, if the config has no JSON form that gives it back */
const checkConfig = <C>(pipeline: Pipeline<C, Traits['reach']>, config: C): C => {
  const decoded = pipeline.config.decode(throughJson(pipeline, config))
  if (decoded._tag === 'Right') return decoded.right
  const where = decoded.left.map(({ context }) => context.map(({ key }) => key).join('/')).join(', ')
  throw new TypeError(`runLocal: the config of pipeline '${pipeline.name}' does not fit its codec ${pipeline.config.name}, at ${where}`)
}

/**
 * Runs a pipeline in this process.
 * @throws TypeError at once if the config, the graph or an option makes no sense, ConnectorError `Unimplemented` if the graph
 * asks for what this runtime does not have; all that goes wrong later is `Job.done`'s
 * @public
 */
export const runLocal = <C>(pipeline: Pipeline<C, Traits['reach']>, config: C, options: LocalOptions = {}): Job => {
  checkOptions(options)
  const run = new LocalRun(pipeline[planOf](checkConfig(pipeline, config)), options)
  const done = run.run()
  // Who looks only at status$ or stop() must not bring the process down.
  done.catch(() => undefined)
  return {
    status$: run.status$,
    get ledger() {
      return run.ledger
    },
    stop: ({ deadlineMillis } = {}) => {
      checkMillis('deadlineMillis', deadlineMillis)
      run.end('stop', deadlineMillis)
      return done
    },
    drain: ({ deadlineMillis } = {}) => {
      checkMillis('deadlineMillis', deadlineMillis)
      run.end('drain', deadlineMillis)
      return done
    },
    cancel: async () => {
      run.cancel()
      await done.catch(() => undefined)
    },
    done,
  }
}
