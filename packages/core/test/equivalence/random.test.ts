// @deadline 900 s
import { suite } from 'uvu'
import type { CaseSpec } from './case.js'
import { compareCase } from './compare.js'
import { randomCase } from './random-pipelines.js'
import { shrink } from './shrink.js'

// MILLRACE_SEED=17: only that case. MILLRACE_CASES=100000: more of them. MILLRACE_FIRST_SEED: others.
const {
  MILLRACE_SEED,
  MILLRACE_CASES = '2500',
  MILLRACE_FIRST_SEED = '1',
  MILLRACE_SHRINK_MILLIS = '15000',
} = process.env
const only = MILLRACE_SEED === undefined ? undefined : Number(MILLRACE_SEED)
const first = only ?? Number(MILLRACE_FIRST_SEED)
const cases = only === undefined ? Number(MILLRACE_CASES) : 1
const shrinkMillis = Number(MILLRACE_SHRINK_MILLIS)

const random = suite('random pipelines: the runtime agrees with the reference')

const explain = async (spec: CaseSpec, found: readonly string[]): Promise<string> => {
  const small = await shrink(spec, async (candidate) => (await compareCase(candidate)).length > 0, shrinkMillis)
  const stillFound = await compareCase(small)
  return [
    `case ${spec.seed} differs; again with:  MILLRACE_SEED=${spec.seed} node packages/core/dist-test/equivalence/random.test.js`,
    ...found.slice(0, 10),
    `smallest case found: ${JSON.stringify(small)}`,
    ...(stillFound.length > 0
      ? stillFound.slice(0, 10)
      : ['(green when it was run again: it depends on the moment of a stop)']),
  ].join('\n')
}

random(`${cases} from seed ${first} on`, async () => {
  for (let seed = first; seed < first + cases; seed++) {
    const spec = randomCase(seed)
    const found = await compareCase(spec)
    if (found.length > 0) throw new Error(await explain(spec, found))
  }
})

random.run()
