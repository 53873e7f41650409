import { createHash } from 'node:crypto'
import { inputOf, type Graph, type Stage } from './stage.js'

/** What of one stage decides whether old state fits: kind, name, what it reads, and its options. */
export const describeStage = (stage: Stage): string =>
  JSON.stringify([stage.kind, stage.name, inputOf(stage)?.name ?? null, optionsOf(stage)], sorted)

/** In which order options were written down does not count. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

const optionsOf = (stage: Stage): unknown => {
  switch (stage.kind) {
    case 'read':
      return { source: stage.source.name, capabilities: stage.source.capabilities, offset: stage.source.offset.name }
    case 'decode':
      return stage.codec.name
    case 'eventTime':
      return stage.policy
    case 'mapAsync':
      return stage.options
    case 'aggregate':
      return { window: stage.window, options: stage.options, combine: stage.combine.kind ?? 'custom' }
    case 'write':
      return { sink: stage.sink.name, accepts: stage.sink.accepts, guarantee: stage.sink.guarantee }
    case 'parse':
    case 'map':
    case 'filter':
    case 'flatMap':
    case 'through':
    case 'key':
      return null
  }
}

/** sha256, in hex, of all stages: equal for equal pipelines, whatever the functions' text. */
export const graphHash = (graph: Graph): string => createHash('sha256').update(graph.stages.map(describeStage).join('\n')).digest('hex')

/** What differs between two descriptions, for people: stages added, removed, changed. */
export const graphDifference = (before: readonly string[], after: readonly string[]): string => {
  const nameOf = (description: string): string => String((JSON.parse(description) as unknown[])[1]) // as: describeStage wrote it
  const old = new Map(before.map((d) => [nameOf(d), d]))
  const now = new Map(after.map((d) => [nameOf(d), d]))
  const list = (what: string, names: string[]): string[] => (names.length === 0 ? [] : [`${what} ${names.map((n) => `'${n}'`).join(', ')}`])
  return [
    ...list('removed', [...old.keys()].filter((n) => !now.has(n))),
    ...list('added', [...now.keys()].filter((n) => !old.has(n))),
    ...list('changed', [...now.keys()].filter((n) => old.has(n) && old.get(n) !== now.get(n))),
  ].join('; ')
}
