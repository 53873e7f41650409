import { RefusedError } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { refusalWords } from '#src/cli/refusal-words.js'

const test = suite('words of refusals')

test('core speaks of programs, the command line of itself', () => {
  const overlap = "'a' was already read by the run of T (2 files, 'a' …), whose files are not the ones given now; new since then: 'b'. Give only what is new, or ask for replace (`replace: true`, on a command line --replace): it deletes what that run wrote."
  assert.is(refusalWords(new RefusedError(overlap, 'OverlappingRun')),
    "'a' was already read by the run of T (2 files, 'a' …), of other files. New since then: 'b'. Give only what is new, or --replace: it deletes what that run wrote.")
  assert.match(refusalWords(new RefusedError("pipeline 'stocks-stream' has ended here for good", 'Drained')), /another --db FILE/)
  assert.is(refusalWords(new RefusedError('anything else')), 'anything else')
})

test.run()
