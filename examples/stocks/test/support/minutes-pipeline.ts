import { folder } from '@millrace/connector-gcs'
import { compareElements, definePipeline, fixedWindows, parseJson, runLocal, type Combine, type DeadLetter, type Ordered } from '@millrace/core'
import { memorySink } from '@millrace/core/testing'
import * as t from 'io-ts'
import { Trade } from '#src/trade.js'
import { vendorMinutes, type Minute } from './vendor-minutes.js'

const DAY = 86_400_000

type Kept = Ordered & { readonly value: Trade }

/** A combine of one's own: all trades of a window, in the order of events. */
const inOrder: Combine<Trade, Kept[], readonly Trade[]> = {
  create: () => [],
  add: (kept, { value, eventTimeMillis, origin, path }) => {
    kept.push({ value, eventTimeMillis, origin: { ...origin }, path: [...path] })
    return kept
  },
  merge: (a, b) => [...a, ...b],
  extract: (kept) => [...kept].sort(compareElements).map(({ value }) => value),
}

/** The vendor's minute bars, by a pipeline: the rules look back over the day, so the window is the day. */
export const minutesByPipeline = async (path: string): Promise<readonly Minute[]> => {
  const minutes = memorySink<Minute, 'single', 'idempotent'>({ guarantee: 'idempotent', accepts: 'single' })
  const deadLetters = memorySink<DeadLetter, 'single', 'idempotent'>({ guarantee: 'idempotent', name: 'dead letters' })
  const pipeline = definePipeline({
    name: 'vendor-minutes',
    module: import.meta.url,
    config: t.type({ path: t.string }),
    deadLetters: () => deadLetters,
    build: (p, config) =>
      p.read('files', folder({ paths: [config.path] }))
        .apply(parseJson)
        .decode('trade', Trade)
        .eventTime('time of trade', (trade) => trade.t, { boundMillis: 0 })
        .keyBy('symbol', (trade) => trade.s)
        .window(fixedWindows({ sizeMillis: DAY }))
        .aggregate('day', inOrder)
        .flatMap('minutes of the day', ({ key, value }) => vendorMinutes(key, value))
        .write('minutes', minutes),
  })
  await runLocal(pipeline, { path }).done
  return minutes.rows().map(({ value }) => value)
}
