import { ConnectorError, type Source, type SourceBatch } from '@millrace/core'
import { Observable } from 'rxjs'
import { LiveRead } from './live-read.js'
import { FinnhubOffset } from './offset.js'
import { checkOptions, type FinnhubOptions } from './options.js'

const PARTITION = 'live'

const noSuchPartition = (name: string): ConnectorError =>
  new ConnectorError({ _tag: 'NoSuchPartition', code: 'NotFound', message: `finnhub has no partition '${name}': its only one is '${PARTITION}'` })

/**
 * Finnhub's trades, as they come: each websocket message is a record, as its bytes, whatever is in it. Trades, pings, news and
 * errors are for the pipeline to tell apart; a binary message has a failure.
 *
 * It stays connected: after a close, a break or a silence it connects again, subscribes to all symbols, and gives a gap, because
 * Finnhub cannot be asked again. It ends when the key is refused (`Unauthenticated`, `PermissionDenied`), when the run ends, and,
 * with `untilClosed`, when the server closes normally. Put it into `journaled` to have it exact through crashes: then what was
 * received before a ping is in the journal before the pong.
 *
 * One process reads with one key once at a time: another read is refused (`KeyInUse`).
 * @throws TypeError naming the option that is wrong
 * @public
 */
export const finnhubTrades = (options: FinnhubOptions): Source<Uint8Array, FinnhubOffset, 'local'> => {
  const settings = checkOptions(options)
  return {
    name: 'finnhub',
    reach: 'local',
    capabilities: { bounded: false, replayable: false, acknowledges: false, drains: true },
    offset: FinnhubOffset,
    partitions: async () => [{ name: PARTITION }],
    read: (partition, after, context) =>
      new Observable<SourceBatch<Uint8Array, FinnhubOffset>>((subscriber) => {
        if (partition !== PARTITION) return subscriber.error(noSuchPartition(partition))
        const read = new LiveRead(settings, context, subscriber, after)
        subscriber.add(() => read.stop())
        read.start()
      }),
  }
}
