/** One stage of a random pipeline, as data: it can be printed, and built again. */
export type StageSpec =
  | { readonly kind: 'parse' }
  | { readonly kind: 'decode'; readonly codec: string; readonly salt: number }
  | { readonly kind: 'map' | 'filter' | 'flatMap' | 'key' | 'through'; readonly f: string; readonly salt: number }
  | { readonly kind: 'mapAsync'; readonly f: string; readonly salt: number; readonly concurrency: number }
  | { readonly kind: 'eventTime'; readonly salt: number; readonly policy: PolicySpec }
  | {
      readonly kind: 'aggregate'
      readonly sizeMillis: number
      readonly offsetMillis: number
      readonly latenessMillis: number
      readonly combine: string
      readonly salt: number
    }
  | {
      readonly kind: 'write'
      readonly guarantee: 'exact' | 'idempotent'
      readonly rejectOneIn: number
      /** Of the sink that several writes share. */ readonly shared?: string
    }

export interface PolicySpec {
  readonly boundMillis: number
  readonly idleAfterMillis?: number
  readonly maxJumpMillis?: number
  readonly confirmations?: number
  readonly earliestMillis?: number
  readonly maxAheadMillis?: number
}

/** A stage and those that read it: none behind a write, at least one behind all others. */
export interface Node {
  readonly name: string
  readonly stage: StageSpec
  readonly next: readonly Node[]
}

/** One record: bytes as text (`base64:` in front where they are no UTF-8), or a plain value. */
export interface RecordSpec {
  readonly value: unknown
  readonly position: readonly (number | string)[]
  readonly receivedAtMillis: number
  readonly attributes?: Readonly<Record<string, string>>
  readonly failed?: true
  readonly silentMillis?: number
}

export interface BatchSpec {
  readonly records: readonly RecordSpec[]
  readonly floorMillis?: number
  /** Before it nothing could be heard. */
  readonly gap?: true
  /** Behind its last record. */
  readonly silentMillis?: number
  /** The source errors before it, once, and can be asked again. */
  readonly afterError?: true
}

export interface PartitionSpec {
  readonly name: string
  readonly batches: readonly BatchSpec[]
  /** Completes also where the source is unbounded. */
  readonly ends: boolean
}

export interface ReadSpec {
  readonly name: string
  readonly bounded: boolean
  /** Bytes with JSON in them, or plain values. */
  readonly bytes: boolean
  /** The byte between two packed records; absent where records come as a list. */
  readonly packedBy?: '\n' | ','
  readonly partitions: readonly PartitionSpec[]
  readonly next: readonly Node[]
}

/**
 * An end in the middle: orderly or not, so many turns of the event loop after so many batches of that run; or a death at the
 * so-manieth call to the outside, of all or of one kind (`sink commit`).
 */
export type Interruption =
  | { readonly how: 'stop' | 'cancel'; readonly afterBatches: number; readonly turns: number }
  | { readonly how: 'die'; readonly call: string; readonly nth: number; readonly when: 'before' | 'after' }

/** A pipeline, what goes into it, and how it is run. */
export interface CaseSpec {
  readonly seed: number
  readonly reads: readonly ReadSpec[]
  readonly interruptions: readonly Interruption[]
  readonly epochMillis: number
  readonly concurrency: number
  readonly maxQueuedRecords: number
  /** Each so-manieth call to the outside fails at first; 0: none. */
  readonly flaky: number
  /** Sinks and checkpoint in one store, or each on its own. */
  readonly hosted: boolean
  readonly deadLetters: 'exact' | 'idempotent'
}

/** The name of a write's sink. */
export const sinkOf = ({ name, stage }: Node): string =>
  `sink of ${stage.kind === 'write' ? (stage.shared ?? name) : name}`

/** All nodes behind a read, depth first. */
export const nodesOf = (nodes: readonly Node[]): readonly Node[] =>
  nodes.flatMap((node) => [node, ...nodesOf(node.next)])

/** The bytes that a record's text stands for. */
export const bytesOf = (text: string): Buffer =>
  text.startsWith('base64:') ? Buffer.from(text.slice(7), 'base64') : Buffer.from(text)
