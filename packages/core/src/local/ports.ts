import type { AnySink } from '../pipeline/stage.js'
import type { Plan } from '../pipeline/define.js'
import type { CheckpointStore, Host, Store } from '../store.js'
import { retrying, type RetryContext } from '../delivery/retry.js'
import type { SinkContext } from '../sink.js'
import { Outlet } from './outlets.js'
import type { Instrument } from './instrument.js'

/** Everything that a run has opened outside. */
export interface Ports {
  readonly host: Host | undefined
  readonly checkpoints: CheckpointStore | undefined
  /** By write stage. */
  readonly outlets: ReadonlyMap<string, Outlet>
  readonly deadLetters: Outlet
  readonly gaps: Outlet | undefined
  close(): Promise<void>
}

/** The sinks of a plan, each once. */
const sinksOf = (plan: Plan): AnySink[] => [...new Set([...plan.graph.stages.flatMap((stage) => (stage.kind === 'write' ? [stage.sink] : [])), plan.deadLetters, ...(plan.gaps === undefined ? [] : [plan.gaps])])]

/**
 * The one store of a plan's sinks.
 * @throws TypeError if there are two, or two sinks of one name
 */
const storeOf = (plan: Plan): Store | undefined => {
  const stores = new Map<string, Store>()
  const names = new Map<string, AnySink>()
  for (const sink of sinksOf(plan)) {
    if (sink.store !== undefined) stores.set(sink.store.id, sink.store)
    if (names.has(sink.name)) throw new TypeError(`pipeline '${plan.name}': two different sinks are named '${sink.name}'; give one another name, or use one sink for both`)
    names.set(sink.name, sink)
  }
  if (stores.size > 1) throw new TypeError(`pipeline '${plan.name}' writes to ${stores.size} stores (${[...stores.keys()].join(', ')}): one transaction cannot span them, so put its tables into one`)
  return [...stores.values()][0]
}

/** Throws what `openPorts` would, before anything is opened. */
export const checkSinks = (plan: Plan): void => void storeOf(plan)

const closeAll = async (closers: readonly (() => Promise<void>)[]): Promise<void> => {
  const results = await Promise.allSettled(closers.map((close) => close()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

interface OpenOptions {
  readonly plan: Plan
  readonly checkpoints: CheckpointStore | undefined
  readonly instrument: Instrument | undefined
  readonly context: SinkContext
  readonly retry: RetryContext
}

/** Opens the store, then the sinks; what was opened is closed again if one of them fails. */
export const openPorts = async ({ plan, checkpoints, instrument, context, retry }: OpenOptions): Promise<Ports> => {
  const store = storeOf(plan)
  const outlets = new Map<AnySink, Outlet>()
  let host: Host | undefined
  const close = async (): Promise<void> => {
    try {
      await closeAll([...outlets.values()].map((outlet) => () => outlet.close()))
    } finally {
      // Also where a sink would not close: whoever holds a store keeps others out.
      await closeAll([host, checkpoints].map((port) => async () => port?.close()))
    }
  }
  try {
    const ported = store === undefined ? undefined : (instrument?.store(store) ?? store)
    if (ported !== undefined) host = await retrying(retry, 'the store to open', () => ported.open(context))
    for (const sink of sinksOf(plan)) outlets.set(sink, await Outlet.open(instrument?.sink(sink) ?? sink, context, retry))
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  const outletOf = (sink: AnySink): Outlet => outlets.get(sink) as Outlet // as: every sink of the plan was opened above
  const byWrite = plan.graph.stages.flatMap((stage) => (stage.kind === 'write' ? [[stage.name, outletOf(stage.sink)] as const] : []))
  return { host, checkpoints: host === undefined ? checkpoints : undefined, outlets: new Map(byWrite), deadLetters: outletOf(plan.deadLetters), gaps: plan.gaps && outletOf(plan.gaps), close }
}
