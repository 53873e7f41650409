import { Observable } from 'rxjs'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import type { Partition, Source, SourceBatch, SourceContext } from '../source.js'
import { systemClock } from '../time/system.js'
import type { Traits } from '../traits.js'
import { classified } from './files/file-errors.js'
import type { JournalHook } from './journal/journal-files.js'
import { withIdleJournal } from './journal/journal-lock.js'
import { journalOffset, type JournalOffset } from './journal/journal-offset.js'
import { journalSettings, type JournalOptions, type JournalPorts, type JournalSettings } from './journal/journal-options.js'
import { JournalRead } from './journal/journal-read.js'
import { readSegmentHead } from './journal/segment-content.js'
import { listSegments, segmentsBehind } from './journal/segments.js'

export type { JournalOffset, JournalOptions }

/** Under this name a journaled source can be asked for itself with a hook: what a crash probe does. */
const withHook = Symbol('withHook')

/** The same source with a hook at every moment at which it changes the disk, if it is a journaled one; otherwise the source itself. */
export const hookJournal = <S extends object>(source: S, hook: JournalHook): S =>
  withHook in source ? (source[withHook] as (hook: JournalHook) => S)(hook) : source // as: set below, and only there

const onePartition = (name: string, partitions: readonly Partition[]): readonly Partition[] => {
  if (partitions.length === 1) return partitions
  throw new ConnectorError({
    _tag: 'Partitions',
    code: 'FailedPrecondition',
    message: `journaled: source '${name}' has ${partitions.length} partitions, and a journal is for exactly one: give each a journal of its own`,
  })
}

// A read that has ended has made everything safe already.
const settleUnread = async ({ directory, keep, files }: JournalSettings, upTo: JournalOffset): Promise<void> => {
  if (keep) return
  try {
    await withIdleJournal(directory, systemClock.now(), async () => {
      for (const segment of segmentsBehind(await listSegments(directory), upTo.number)) {
        // Those of another journal are not processed, whatever their numbers.
        if ((await readSegmentHead(segment)).journal === upTo.journal) await files.remove(segment.path)
      }
    })
  } catch (error) {
    throw classified(error, `Trimming the journal in ${directory}`, 'JournalFile')
  }
}

/** As `journaled`, with something else in the place of the disk. */
export const journaledWith = <O extends Data, R extends Traits['reach']>(
  source: Source<Uint8Array, O, R>,
  options: JournalOptions,
  ports: JournalPorts,
): Source<Uint8Array, JournalOffset, 'local'> => {
  const settings = journalSettings(options, ports)
  let reading: JournalRead<O> | undefined
  const read = (partition: string, after: JournalOffset | undefined, context: SourceContext): Observable<SourceBatch<Uint8Array, JournalOffset>> =>
    new Observable((subscriber) => {
      const own = new JournalRead({ source, partition, after, context, settings, subscriber })
      // A second one is refused: the first stays the one that settles.
      reading ??= own
      own.start()
      return () => {
        if (reading === own) reading = undefined
        own.leave()
      }
    })
  return {
    name: source.name,
    reach: 'local',
    capabilities: { bounded: source.capabilities.bounded, replayable: true, acknowledges: true, drains: true },
    offset: journalOffset,
    partitions: async (context) => onePartition(source.name, await source.partitions(context)),
    read,
    silent: (_partition, millis) => reading?.silent(millis),
    settle: (_partition, upTo) => reading?.settle(upTo) ?? settleUnread(settings, upTo),
    // So that a probe finds it; it is nobody else's.
    ...{ [withHook]: (hook: JournalHook) => journaledWith(source, options, { ...ports, hook }) },
  }
}

/**
 * Makes a source that cannot be asked again one that can: what it gives is appended to a journal, within its `next`, before anything else
 * is done with it, and the pipeline reads the journal. So when `next` has returned and the subscription is still open, its records are in
 * the journal, also after `kill -9`; only then may the source confirm them outside (a websocket's pong). A power cut may cost what was
 * received since the last checkpoint.
 *
 * Positions are the numbers of the records in the journal, from 1; offsets name the journal as well, so that the directory of another run is
 * refused with a `RefusedError` (`OtherJournal`), and nothing in it is removed. With a journal that goes on, or a checkpoint, the first
 * connection is preceded by a gap: what was sent meanwhile is lost. The source is paused only when more than `maxBytes` lie ahead of the last
 * checkpoint. It is read by one run at a time: another one is refused with a `RefusedError` that names the owner.
 *
 * The source has exactly one partition. Its positions are kept (see `readJournal`); records with attributes are refused, floors and
 * digests are not kept.
 * @throws RangeError if an option is out of its range
 * @public
 */
export const journaled = <O extends Data, R extends Traits['reach']>(
  source: Source<Uint8Array, O, R>,
  options: JournalOptions,
): Source<Uint8Array, JournalOffset, 'local'> => journaledWith(source, options, {})
