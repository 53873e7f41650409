import { definePipeline, type CheckpointStore, type Data, type DeadLetter, type GapRow, type Guarantee, type Pipeline, type Row, type Sink, type Source, type Traits } from '@millrace/core'
import { memoryCheckpoints, memorySink, memoryStore, memoryStoreData, memoryTable } from '@millrace/core/testing'
import type { BarRow } from '#src/bar-row.js'
import { bars, framesToTrades } from '#src/pipeline.js'
import * as t from 'io-ts'

type AnySink<A> = Sink<A, 'local', Traits['panes'], Guarantee>

interface Sinks {
  readonly bars: AnySink<BarRow>
  readonly letters: AnySink<DeadLetter>
  readonly gaps: AnySink<GapRow>
}

/** What outlives every run, as a database does. */
export interface World {
  readonly checkpoints: CheckpointStore | undefined
  /** Of one run. */
  readonly sinks: () => Sinks
  readonly bars: () => readonly Row<BarRow>[]
  readonly letters: () => readonly Row<DeadLetter>[]
  readonly gaps: () => readonly Row<GapRow>[]
}

/** One store that hosts the checkpoint; a row that is written twice shows, because no two have one key. */
const hosted = (): World => {
  const data = memoryStoreData()
  let rows = 0
  const key = (): string => String(rows++)
  // as: what the sink of that name was given
  const rowsOf = <A>(name: string) => (): readonly Row<A>[] => memoryStore({ data }).rows(name) as readonly Row<A>[]
  return {
    checkpoints: undefined,
    sinks: () => {
      const store = memoryStore({ data })
      return { bars: store.sink({ name: 'bars', key }), letters: store.sink({ name: 'letters', key }), gaps: store.sink({ name: 'gaps', key }) }
    },
    bars: rowsOf('bars'), letters: rowsOf('letters'), gaps: rowsOf('gaps'),
  }
}

/** Tables with two-phase sinks, and checkpoints elsewhere. */
const separate = (): World => {
  const [barTable, letterTable, gapTable] = [memoryTable<BarRow>(), memoryTable<DeadLetter>(), memoryTable<GapRow>()]
  return {
    checkpoints: memoryCheckpoints(),
    sinks: () => ({
      bars: memorySink({ guarantee: 'exact', name: 'bars', table: barTable }),
      letters: memorySink({ guarantee: 'exact', name: 'letters', table: letterTable }),
      gaps: memorySink({ guarantee: 'exact', name: 'gaps', table: gapTable }),
    }),
    bars: () => barTable.rows(), letters: () => letterTable.rows(), gaps: () => gapTable.rows(),
  }
}

export const newWorld = (isHosted: boolean): World => (isHosted ? hosted() : separate())

/** The live lane of the example, from this source into that world. */
export const streamInto = <O extends Data>(world: World, source: Source<Uint8Array, O, 'local'>): Pipeline<null, 'local'> => {
  const sinks = world.sinks()
  return definePipeline({
    name: 'stocks-stream', module: import.meta.url, config: t.null, deadLetters: () => sinks.letters, gaps: () => sinks.gaps,
    build: (p) => p.read('finnhub', source).apply(framesToTrades).apply(bars('stream')).write('bars', sinks.bars),
  })
}
