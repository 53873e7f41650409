import type { CaseSpec, Interruption, Node, PolicySpec, ReadSpec, StageSpec } from './case.js'
import { codecs } from './codecs.js'
import { combines } from './combines.js'
import { Dice } from './dice.js'
import { focusedReads } from './focused-inputs.js'
import { flatMaps, keys, maps, filters } from './functions.js'
import { randomInput } from './random-inputs.js'

/** Makes the tree of stages behind the reads; counts the names it gives. */
class Grower {
  readonly #dice: Dice
  #names = 0
  /** Aggregates that may still come, on all branches together. */
  #windows = 3
  /** One that makes many of each: two would make too many. */
  #wide = true

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** What a read feeds: one ingest chain, now and then two. */
  ingest(bytes: boolean): readonly Node[] {
    return this.#branches(this.#dice.oneIn(8) ? 2 : 1, () => this.#ingestChain(bytes))
  }

  #ingestChain(bytes: boolean): readonly Node[] {
    const dice = this.#dice
    const parse: readonly StageSpec[] = bytes ? [{ kind: 'parse' }] : []
    const stages = dice.list(dice.int(0, 3), () => this.#ingestStage())
    // Two eventTime stages behind one chain have a watermark each.
    const ends = this.#branches(dice.oneIn(12) ? 2 : 1, () => [
      this.#node({ kind: 'eventTime', salt: this.#salt(), policy: this.#policy() }, this.#collection()),
    ])
    return this.#chain([...parse, ...stages], ends)
  }

  /** What elements with a time go through: one to three branches. */
  #collection(): readonly Node[] {
    return this.#branches(this.#dice.pick([1, 1, 1, 1, 2, 2, 3]), () => this.#branch())
  }

  #branch(): readonly Node[] {
    const stages = this.#dice.list(this.#dice.pick([0, 0, 0, 1, 1, 2]), () => this.#collectionStage())
    return this.#chain(stages, this.#windows > 0 && !this.#dice.oneIn(4) ? this.#keyed(false) : this.#write())
  }

  #keyed(panes: boolean): readonly Node[] {
    const f =
      panes && this.#dice.oneIn(2)
        ? 'paneKey'
        : this.#dice.pick(
            Object.keys(keys)
              .filter((name) => name !== 'paneKey')
              .concat('k', 'k'),
          )
    const aggregates = this.#branches(this.#dice.oneIn(6) ? 2 : 1, () => [this.#aggregate()])
    return [this.#node({ kind: 'key', f, salt: this.#salt() }, aggregates)]
  }

  #aggregate(): Node {
    this.#windows--
    const dice = this.#dice
    const sizeMillis = dice.pick([1, 5, 10, 10, 50, 1_000])
    const stage: StageSpec = {
      kind: 'aggregate',
      sizeMillis,
      offsetMillis: dice.pick([0, 0, 3, -1, 7]),
      latenessMillis: dice.pick([0, 0, 0, 1, 10, 100]),
      combine: dice.pick([...Object.keys(combines), 'everybody', 'sum', 'struct']),
      salt: this.#salt(),
    }
    return this.#node(stage, this.#behindPanes())
  }

  #behindPanes(): readonly Node[] {
    const dice = this.#dice
    if (dice.int(1, 5) < 3) return this.#write()
    if (this.#windows > 0 && dice.oneIn(6)) return this.#keyed(true)
    const onward = this.#windows > 0 && dice.oneIn(2) ? this.#keyed(false) : this.#collection()
    return [this.#node({ kind: 'map', f: 'fromPane', salt: this.#salt() }, onward)]
  }

  #write(): readonly Node[] {
    const dice = this.#dice
    if (dice.oneIn(6)) return [this.#node({ kind: 'write', guarantee: 'exact', rejectOneIn: 0, shared: 'several' }, [])]
    const guarantee = dice.pick(['exact', 'exact', 'idempotent'] as const)
    return [this.#node({ kind: 'write', guarantee, rejectOneIn: dice.oneIn(4) ? dice.int(1, 6) : 0 }, [])]
  }

  #ingestStage(): StageSpec {
    const dice = this.#dice
    const salt = this.#salt()
    const kind = dice.pick(['decode', 'decode', 'map', 'filter', 'flatMap', 'flatMap'] as const)
    return kind === 'decode'
      ? { kind, codec: dice.pick(Object.keys(codecs)), salt }
      : { kind, f: this.#functionOf(kind), salt }
  }

  #collectionStage(): StageSpec {
    const dice = this.#dice
    const salt = this.#salt()
    const kind = dice.pick(['mapAsync', 'through', 'decode', 'map', 'map', 'filter', 'flatMap'] as const)
    if (kind === 'mapAsync')
      return { kind, f: dice.pick(['soon', 'rejects', 'throws']), salt, concurrency: dice.int(1, 4) }
    if (kind === 'through') return { kind, f: dice.pick(['stamp', 'some']), salt }
    return kind === 'decode'
      ? { kind, codec: dice.pick(Object.keys(codecs)), salt }
      : { kind, f: this.#functionOf(kind), salt }
  }

  #functionOf(kind: 'map' | 'filter' | 'flatMap'): string {
    const functions = { map: maps, filter: filters, flatMap: flatMaps }[kind]
    const f = this.#dice.pick(
      Object.keys(functions).filter((name) => name !== 'fromPane' && (name !== 'wide' || this.#wide)),
    )
    if (f === 'wide') this.#wide = false
    return f
  }

  #policy(): PolicySpec {
    const dice = this.#dice
    return {
      boundMillis: dice.pick([0, 0, 5, 20, 100]),
      ...(dice.oneIn(2) && {
        maxJumpMillis: dice.pick([50, 100, 150]),
        ...(dice.oneIn(3) && { confirmations: dice.int(1, 4) }),
      }),
      ...(dice.oneIn(3) && { idleAfterMillis: 1e9 }),
      ...(dice.oneIn(4) && { earliestMillis: dice.pick([0, 10, -50]) }),
      ...(dice.oneIn(4) && { maxAheadMillis: dice.pick([0, 50, 200]) }),
    }
  }

  #chain(stages: readonly StageSpec[], ends: readonly Node[]): readonly Node[] {
    return stages.reduceRight((next, stage) => [this.#node(stage, next)], ends)
  }

  #branches(count: number, make: () => readonly Node[]): readonly Node[] {
    return this.#dice.list(count, make).flat()
  }

  #node(stage: StageSpec, next: readonly Node[]): Node {
    return { name: `${stage.kind} ${this.#names++}`, stage, next }
  }

  #salt(): number {
    return this.#dice.int(0, 9_999)
  }
}

/** Where a death is most likely to cost or to double something. */
const deadlyCalls = [
  'sink write',
  'sink prepare',
  'sink commit',
  'checkpoints write',
  'store commitEpoch',
  'source settle',
]

const death = (dice: Dice): Interruption => {
  const when = dice.pick(['before', 'after'] as const)
  return dice.oneIn(3)
    ? { how: 'die', call: 'any', nth: dice.int(1, 40), when }
    : { how: 'die', call: dice.pick(deadlyCalls), nth: dice.int(1, 6), when }
}

const interruption = (dice: Dice): Interruption =>
  dice.oneIn(2)
    ? death(dice)
    : { how: dice.pick(['stop', 'cancel'] as const), afterBatches: dice.int(0, 5), turns: dice.pick([0, 0, 1, 3]) }

/** How a case is run. */
const manner = (dice: Dice): Omit<CaseSpec, 'seed' | 'reads'> => ({
  interruptions: dice.list(dice.pick([0, 0, 0, 1, 1, 2, 4]), () => interruption(dice)),
  epochMillis: dice.pick([0, 0, 1, 5, 1_000]),
  concurrency: dice.int(1, 4),
  maxQueuedRecords: dice.pick([1, 4, 1_000]),
  flaky: dice.oneIn(8) ? dice.int(3, 15) : 0,
  hosted: dice.oneIn(3),
  deadLetters: dice.pick(['exact', 'idempotent']),
})

const anyReads = (dice: Dice): readonly ReadSpec[] => {
  const size = dice.pick([3, 8, 8, 25, 40])
  const grower = new Grower(dice)
  // Together: whether one had come to its end when the others were drained depends on the moment.
  const ends = dice.oneIn(2)
  return dice.list(dice.pick([1, 1, 1, 1, 2, 3]), (index) => {
    const bytes = dice.oneIn(2)
    return { ...randomInput(dice, `read ${index}`, bytes, size, ends), next: grower.ingest(bytes) }
  })
}

/** The case of a seed: always the same. */
export const randomCase = (seed: number): CaseSpec => {
  const dice = new Dice(seed)
  if (dice.oneIn(5)) {
    const stops = dice.list(dice.int(0, 4), () => ({ how: 'stop', afterBatches: dice.int(1, 5), turns: 0 }) as const)
    return { seed, reads: focusedReads(dice), ...manner(dice), interruptions: stops, epochMillis: 0 }
  }
  return { seed, reads: anyReads(dice), ...manner(dice) }
}
