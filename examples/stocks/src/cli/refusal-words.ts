import type { RefusedError } from '@millrace/core'

/** Core speaks to those who write programs, too. */
const REPLACE = /ask for replace \(`replace: true`, on a command line (--replace)\)/g
const OF_OTHER_FILES = /, whose files are not the ones given now; (\w)/

/** Why a run was refused, in the words of the command line. */
export const refusalWords = ({ _tag, message }: Pick<RefusedError, '_tag' | 'message'>): string =>
  _tag === 'Drained'
    ? 'The live lane of this file has ended for good: all its windows have fired, and what came now would make half a bar of some. Use another file: another --db FILE.'
    : message.replace(REPLACE, '$1').replace(OF_OTHER_FILES, (_, first: string) => `, of other files. ${first.toUpperCase()}`)
