import { analyse } from '#src/codec/guard-analysis.js'
import { composed } from '#src/codec/guard-closure.js'
import { compiled } from '#src/codec/guard-compile.js'
import { compileGuard } from '#src/codec/guard.js'
import { shapeOf } from '#src/codec/codec-shape.js'
import type * as t from 'io-ts'
import { inspect, isDeepStrictEqual } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RandomCodecs, randomOf } from './random-codecs.js'
import { RandomValues } from './random-values.js'

// Random codecs against random values, io-ts being the judge. GUARD_FUZZ_CODECS=1000000 runs for longer, and
// GUARD_FUZZ_SEED=n elsewhere.
const test = suite('guard against io-ts')
const CODECS = Number(process.env['GUARD_FUZZ_CODECS'] ?? 4_000)
const SEED = Number(process.env['GUARD_FUZZ_SEED'] ?? 1)
const VALUES = 40

const decoded = (codec: t.Any, value: unknown): t.Validation<unknown> | 'threw' => {
  try {
    return codec.decode(value)
  } catch {
    return 'threw'
  }
}

test(`of ${CODECS} codecs, what a guard accepts io-ts gives back equal; both flavours agree`, () => {
  let accepted = 0
  let sameFromIoTs = 0
  for (let i = 0; i < CODECS; i++) {
    const codecs = new RandomCodecs(randomOf(SEED * 1_000_003 + i), 0)
    const values = new RandomValues(codecs)
    const codec = codecs.codec(1 + codecs.below(3))
    const { plan, opaque } = analyse(shapeOf(codec))
    if (plan === undefined) throw new Error(`${codec.name} is opaque: ${opaque.join()}`)
    const [fast, slow] = [compiled(plan), composed(plan)]
    for (let j = 0; j < VALUES; j++) {
      const value = values.valueFor(codec)
      const accepts = fast(value)
      const told = (): string => `seed ${SEED}, codec ${i}: ${codec.name} for ${inspect(value, { depth: 9, showHidden: true })}`
      if (slow(value) !== accepts) assert.unreachable(`flavours differ, compiled ${accepts}: ${told()}`)
      const judged = decoded(codec, value)
      const same = judged !== 'threw' && judged._tag === 'Right' && (Object.is(judged.right, value) || isDeepStrictEqual(judged.right, value))
      if (accepts && !same) assert.unreachable(`unsound, io-ts gives ${inspect(judged, { depth: 5 })}: ${told()}`)
      if (accepts) accepted++
      if (same) sameFromIoTs++
    }
  }
  // A guard that is always false is sound as well: most of what io-ts leaves alone must get through.
  assert.ok(accepted > CODECS * 5, `only ${accepted} accepted`)
  assert.ok(accepted / sameFromIoTs > 0.75, `only ${accepted} of ${sameFromIoTs} accepted`)
})

test('one part that only io-ts can judge leaves the whole codec to io-ts', () => {
  let opaque = 0
  for (let i = 0; i < CODECS / 4; i++) {
    const codecs = new RandomCodecs(randomOf(SEED * 7_000_003 + i), 0.15)
    const codec = codecs.codec(1 + codecs.below(3))
    const values = new RandomValues(codecs)
    const guard = compileGuard(codec)
    assert.is(guard.flavour === 'none', guard.opaque.length > 0)
    if (guard.opaque.length > 0) opaque++
    for (let j = 0; j < VALUES / 4; j++) {
      const value = values.valueFor(codec)
      const judged = guard.accepts(value) ? decoded(codec, value) : undefined
      if (judged !== undefined) assert.ok(judged !== 'threw' && judged._tag === 'Right' && isDeepStrictEqual(judged.right, value), codec.name)
    }
  }
  assert.ok(opaque > CODECS / 20, `only ${opaque} opaque codecs`)
})

test.run()
