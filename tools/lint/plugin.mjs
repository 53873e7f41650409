// The rules of this repository that the linter does not have. Each is shown red once, in lint.test.mjs.
import { boundaries } from './rules/boundaries.mjs'
import { documented, plainTypescript } from './rules/house-style.mjs'
import { injectedEffects } from './rules/injected-effects.mjs'
import { reasons, silencing } from './rules/reasons.mjs'
import { testsRun } from './rules/tests-run.mjs'

export default {
  meta: { name: 'millrace' },
  rules: {
    boundaries,
    documented,
    'injected-effects': injectedEffects,
    'plain-typescript': plainTypescript,
    reasons,
    silencing,
    'tests-run': testsRun,
  },
}
