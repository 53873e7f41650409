import { decoderOf } from '../codec/decoder.js'
import type { Plan } from '../pipeline/define.js'
import { inputOf, type EventTimeStage, type ReadStage, type Stage, type WriteStage } from '../pipeline/stage.js'
import type { Clock } from '../time/clock.js'
import { ConnectorError } from '../failure.js'
import type { Operator, OperatorHost } from './operator.js'
import { AggregateOperator } from './operators/aggregate.js'
import { DecodeOperator } from './operators/decode.js'
import { EventTimeOperator } from './operators/event-time.js'
import { FilterOperator } from './operators/filter.js'
import { FlatMapOperator } from './operators/flat-map.js'
import { KeyOperator } from './operators/key.js'
import { MapAsyncOperator } from './operators/map-async.js'
import { MapOperator } from './operators/map.js'
import { ParseOperator } from './operators/parse.js'
import { ReadOperator } from './operators/read.js'
import { ThroughOperator } from './operators/through.js'
import { WriteOperator } from './operators/write.js'

/** A read with what it feeds. */
export interface CompiledRead {
  readonly stage: ReadStage
  readonly operator: ReadOperator
  readonly eventTimes: readonly EventTimeOperator[]
}

/** A plan's stages at work. */
export interface Compiled {
  readonly operators: readonly Operator[]
  readonly reads: readonly CompiledRead[]
  readonly aggregates: readonly AggregateOperator[]
  readonly asyncs: readonly MapAsyncOperator[]
  readonly writes: readonly { readonly stage: WriteStage; readonly operator: WriteOperator }[]
}

interface CompileContext extends OperatorHost {
  readonly clock: Clock
  readonly signal: AbortSignal
}

const readOf = (stage: Stage): ReadStage => {
  const input = inputOf(stage)
  return input === undefined ? (stage as ReadStage) : readOf(input) // as: only reads have no input
}

const eventTimeOf = (stage: Stage): EventTimeStage => {
  if (stage.kind === 'eventTime') return stage
  return eventTimeOf(inputOf(stage) as Stage) // as: there is no window before eventTime
}

/** Of all windows of a plan: those of panes begin before those of what the panes are made of. */
const windowMillisOf = ({ graph: { stages } }: Plan): number => {
  let millis = 0
  for (const stage of stages) if (stage.kind === 'aggregate' && stage.window._tag === 'fixed') millis += stage.window.sizeMillis + (stage.options.allowedLatenessMillis ?? 0)
  return millis
}

const isBounded = (stage: Stage): boolean => readOf(stage).source.capabilities.bounded

const operatorFor = (plan: Plan, stage: Stage, context: CompileContext, operatorOf: (stage: Stage) => Operator): Operator => {
  const { name } = stage
  switch (stage.kind) {
    case 'read':
      return new ReadOperator(name, context)
    case 'parse':
      return new ParseOperator(name, context)
    case 'map':
      return new MapOperator(name, context, stage.f)
    case 'filter':
      return new FilterOperator(name, context, stage.f)
    case 'flatMap':
      return new FlatMapOperator(name, context, stage.f)
    case 'decode':
      return new DecodeOperator(name, context, decoderOf(stage.codec))
    case 'eventTime':
      return new EventTimeOperator(name, context, stage.millis, stage.policy, isBounded(stage), windowMillisOf(plan))
    case 'mapAsync':
      return new MapAsyncOperator(name, context, stage.f, stage.options, context.clock, context.signal)
    case 'through':
      return new ThroughOperator(name, context, stage.operator)
    case 'key':
      return new KeyOperator(name, context, stage.key)
    case 'aggregate': {
      const { panes = 'single', allowedLatenessMillis = 0, retainMillis } = stage.options
      if (panes !== 'single') throw unimplemented('Panes', `aggregate('${name}'): the local runtime fires single panes only, not ${panes} ones`)
      if (retainMillis !== undefined) throw unimplemented('Retain', `aggregate('${name}'): single panes retain nothing; leave retainMillis out`)
      const eventTime = operatorOf(eventTimeOf(stage)) as EventTimeOperator // as: operatorFor made it
      return new AggregateOperator(name, context, stage.window, allowedLatenessMillis, stage.combine, (start, end) => eventTime.covers(start, end))
    }
    case 'write':
      return new WriteOperator(name, context, plan.name)
  }
}

const unimplemented = (tag: string, message: string): ConnectorError => new ConnectorError({ _tag: tag, code: 'Unimplemented', message })

const of = <T>(operators: readonly Operator[], type: new (...args: never[]) => T): T[] => operators.filter((operator) => operator instanceof type) as T[] // as: filtered by class

/** Makes one operator per stage and connects them. */
export const compile = (plan: Plan, context: CompileContext): Compiled => {
  const { stages } = plan.graph
  const byStage = new Map<Stage, Operator>()
  const operatorOf = (stage: Stage): Operator => byStage.get(stage) as Operator // as: inputs come before what reads them
  for (const stage of stages) byStage.set(stage, operatorFor(plan, stage, context, operatorOf))
  for (const [stage, operator] of byStage) {
    const input = inputOf(stage)
    if (input !== undefined) byStage.get(input)?.connect(operator)
  }
  const operators = [...byStage.values()]
  const reads = stages.flatMap((stage) =>
    stage.kind === 'read'
      ? [{ stage, operator: byStage.get(stage) as ReadOperator, eventTimes: stages.flatMap((s) => (s.kind === 'eventTime' && readOf(s) === stage ? [byStage.get(s) as EventTimeOperator] : [])) }] // as: operatorFor made them
      : [],
  )
  const writes = stages.flatMap((stage) => (stage.kind === 'write' ? [{ stage, operator: byStage.get(stage) as WriteOperator }] : [])) // as: operatorFor made it
  return { operators, reads, aggregates: of(operators, AggregateOperator), asyncs: of(operators, MapAsyncOperator), writes }
}
