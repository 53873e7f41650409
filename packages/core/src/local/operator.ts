import type { StageKind } from '../dead-letter/row.js'
import type { Failure } from '../failure.js'
import type { DeadLetterBuffer } from './dead-letter-buffer.js'
import type { Elements } from './elements.js'
import type { LocalOptions } from './options.js'
import type { RejectDetails } from './reject-details.js'

/** Fault injection: true loses the batch on its way. */
export type Drop = NonNullable<LocalOptions['drop']>

/** What operators share with the run that they belong to. */
export interface OperatorHost {
  readonly deadLetters: DeadLetterBuffer
  readonly drop: Drop | undefined
}

/** How the elements of one stage ended or were born, since the pipeline's run began. */
export interface Counts {
  read: number
  made: number
  expanded: number
  filtered: number
  deduplicated: number
  aggregated: number
  delivered: number
  deadLettered: number
}

/** What a stage begins with. */
export const noCounts = (): Counts => ({ read: 0, made: 0, expanded: 0, filtered: 0, deduplicated: 0, aggregated: 0, delivered: 0, deadLettered: 0 })

/**
 * One stage at work: elements and watermarks come in, in order, and go on to the stages after it. What it receives and what it
 * sends is counted on either side, so that a batch lost between two stages shows.
 */
export abstract class Operator {
  readonly outputs: Operator[] = []
  readonly sent: number[] = []
  received = 0
  readonly counts = noCounts()

  constructor(
    readonly stage: string,
    readonly kind: StageKind,
    protected readonly host: OperatorHost,
  ) {}

  connect(output: Operator): void {
    this.outputs.push(output)
    this.sent.push(0)
  }

  receive(elements: Elements): void {
    this.received += elements.length
    this.process(elements)
  }

  protected abstract process(elements: Elements): void

  /** No element that comes later has an event time below `watermarkMillis`, but for late ones. */
  advance(watermarkMillis: number): void {
    for (const output of this.outputs) output.advance(watermarkMillis)
  }

  /** Elements received that have neither ended nor gone on. */
  pending(): number {
    return 0
  }

  protected emit(elements: Elements): void {
    const { length } = elements
    if (length === 0) return
    this.counts.made += length * (this.outputs.length - 1)
    for (let i = 0; i < this.outputs.length; i++) {
      const output = this.outputs[i] as Operator // as: i < length
      this.sent[i] = (this.sent[i] as number) + length // as: one count per output
      if (this.host.drop?.(this.stage, output.stage) === true) continue
      output.receive(elements)
    }
  }

  protected reject(elements: Elements, index: number, failure: Failure, details: RejectDetails = {}): void {
    this.counts.deadLettered++
    if (this.host.drop?.(this.stage, 'dead letters') === true) return
    this.host.deadLetters.add(details.stage ?? this.stage, details.kind ?? this.kind, elements, index, failure, details)
  }
}
