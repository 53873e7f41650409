import type { Clock, ConnectorError, Data, Failure, Source, SourceBatch, SourceContext, SourceRecord } from '@millrace/core'
import type { MarketFrame } from '@millrace/connector-finnhub/testing'
import * as t from 'io-ts'
import { Observable, type Subscriber } from 'rxjs'

type Batch = SourceBatch<Uint8Array, number>

/** A live source whose connection is in the hands of the test. It tells of silence and gaps as a websocket's reader does. */
export interface Line extends Source<Uint8Array, number, 'local'> {
  /** Messages that come now, in one read of the socket. False if nobody hears them. */
  hear(...frames: readonly MarketFrame[]): boolean
  /** The connection is lost. */
  drop(reason: string): void
  /** There is a connection again. */
  reopen(): void
  /** The read fails. */
  fail(error: ConnectorError): void
  /** The other side has ended it for good. */
  complete(): void
  /** What still comes after an ending was asked for. */
  atLeave: readonly MarketFrame[]
  /** Whether somebody reads it, connected or not. */
  readonly isRead: boolean
}

const binary: Failure = { _tag: 'BinaryFrame', code: 'InvalidArgument', message: 'a binary message' }

// as: offsets are numbers, and numbers are Data
const offset = t.number as unknown as t.Type<number, Data>

/** One subscription, open or between two connections. */
interface Reader {
  readonly subscriber: Subscriber<Batch>
  readonly context: SourceContext
  isConnected: boolean
  quietSinceMillis: number
}

export const line = (clock: Clock): Line => {
  let reader: Reader | undefined
  let heard = 0
  let lastMillis = 0
  let lost: { readonly fromMillis: number; readonly reason: string } | undefined
  const recordOf = ({ data, binary: isBinary }: MarketFrame, silentMillis: number): SourceRecord<Uint8Array> => {
    const value = Buffer.from(data as string) // as: bytes are copied alike
    return { value, position: [heard++], receivedAtMillis: clock.now(), bytes: value.length, silentMillis, ...(isBinary && { failure: binary }) }
  }
  const give = (frames: readonly MarketFrame[]): boolean => {
    if (reader?.isConnected !== true || frames.length === 0) return reader?.isConnected === true
    const { subscriber, quietSinceMillis } = reader
    const records = frames.map((frame, i) => recordOf(frame, i === 0 ? clock.now() - quietSinceMillis : 0))
    lastMillis = reader.quietSinceMillis = clock.now()
    subscriber.next({ records, offset: heard })
    return true
  }
  const connect = (to: Reader): void => {
    to.isConnected = true
    to.quietSinceMillis = clock.now()
    const gap = lost === undefined ? undefined : { ...lost, toMillis: clock.now() }
    lost = undefined
    if (gap !== undefined) to.subscriber.next({ records: [], offset: heard, gap })
    to.context.listening(true)
  }
  const disconnect = (): void => {
    if (reader === undefined) return
    reader.isConnected = false
    reader.context.listening(false)
  }
  const leave = (): void => {
    reader?.context.listening(false)
    give(self.atLeave)
    self.atLeave = []
    if (reader !== undefined) reader.isConnected = false
    reader?.subscriber.complete()
  }
  const read = (_partition: string, _after: number | undefined, context: SourceContext): Observable<Batch> =>
    new Observable((subscriber) => {
      const own: Reader = { subscriber, context, isConnected: false, quietSinceMillis: 0 }
      reader = own
      lost = undefined
      context.ending.addEventListener('abort', leave)
      connect(own)
      return () => {
        context.ending.removeEventListener('abort', leave)
        if (reader === own) reader = undefined
      }
    })
  const self: Line = {
    name: 'line', reach: 'local', offset, read, atLeave: [],
    capabilities: { bounded: false, replayable: false, acknowledges: false, drains: true },
    partitions: async () => [{ name: 'live' }],
    hear: (...frames) => give(frames),
    drop: (reason) => {
      if (reader?.isConnected !== true) return
      lost = { fromMillis: lastMillis === 0 ? clock.now() : lastMillis, reason }
      disconnect()
    },
    reopen: () => {
      if (reader !== undefined && !reader.isConnected) connect(reader)
    },
    fail: (error) => reader?.subscriber.error(error),
    complete: () => reader?.subscriber.complete(),
    get isRead() { return reader !== undefined },
  }
  return self
}
