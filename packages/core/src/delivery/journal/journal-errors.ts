import { ConnectorError, RefusedError } from '../../failure.js'

/** What lies in the file is not what was written there. */
export const damagedJournal = (file: string, byte: number, what: string): ConnectorError =>
  new ConnectorError({
    _tag: 'CorruptJournal',
    code: 'DataLoss',
    message:
      `The journal is damaged: ${file}, byte ${byte}: ${what}. Nothing behind that was read, and nothing was changed. Restore the file from a backup; ` +
      `or, to go on without what lies behind it, cut the file off at that byte (truncate -s ${byte}) and move the later files of that directory away.`,
  })

/** What was read is not this record. */
export const wrongRecord = (file: string, byte: number, number: number): ConnectorError => damagedJournal(file, byte, `this is not record ${number} as it was written`)

/** Records that were in the journal are not there any more. */
export const missingRecords = (directory: string, first: number, last: number): ConnectorError =>
  new ConnectorError({
    _tag: 'CorruptJournal',
    code: 'DataLoss',
    message:
      `The journal in ${directory} does not hold its records ${first} to ${last}, which have not been processed. Restore the directory from a backup, ` +
      'or use the checkpoint that belongs to it; to go on without them, give this run another directory.',
  })

/** A segment of a later version, or a file that is none. */
export const unknownJournal = (file: string): ConnectorError =>
  new ConnectorError({
    _tag: 'UnknownJournal',
    code: 'FailedPrecondition',
    message: `${file} is no journal that this version can read: read it with the version that wrote it, or choose another directory.`,
  })

/** The directory is that of another run: to go on there would mix the two, and remove what the other one has not processed. */
export const otherJournal = (directory: string, found: string, expected: string): RefusedError =>
  new RefusedError(
    `The directory ${directory} holds the journal ${found}, but what this run has processed is of the journal ${expected}. Nothing was changed. ` +
      'Give this run the directory that belongs to its checkpoint; or an empty one, to go on without what was received and not processed: that will be a gap.',
    'OtherJournal',
  )
