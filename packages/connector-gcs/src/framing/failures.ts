import type { Failure } from '@millrace/core'
import { saysGzip } from '../suffix.js'

const count = (bytes: number): string => bytes.toLocaleString('en-US')

/**
 * Words for what cannot be given whole. One instance per object; each failure names the object, the byte and, where there
 * is one, the remedy.
 * @internal
 */
export class Failures {
  readonly maxRecordBytes: number
  private readonly object: string

  constructor(object: string, maxRecordBytes: number) {
    this.object = object
    this.maxRecordBytes = maxRecordBytes
  }

  oversized(position: number, bytes: number): Failure {
    const limit = count(this.maxRecordBytes)
    return this.at(position, 'Oversized', `a record of ${count(bytes)} bytes is larger than maxRecordBytes (${limit}); ` +
      `only its first ${limit} bytes are kept: raise maxRecordBytes to read it`)
  }

  unterminated(position: number): Failure {
    return this.at(position, 'Unterminated', 'a string, an object or an array that begins in this element is never closed: ' +
      'the rest of the file belongs to it')
  }

  emptyElement(position: number): Failure {
    return this.at(position, 'EmptyElement', 'a comma where an element of the array should be')
  }

  trailingComma(position: number): Failure {
    return this.at(position, 'TrailingComma', 'the array ends after a comma')
  }

  missingBracket(position: number): Failure {
    return this.at(position, 'MissingBracket', 'the file ends inside the array, without its "]": it may have been cut off')
  }

  textAfterArray(position: number): Failure {
    return this.at(position, 'TextAfterArray', 'text follows after the end of the array; it is kept as one piece ' +
      '(one array a file; a file of lines is read with the format "lines")')
  }

  notAnArray(position: number): Failure {
    return this.at(position, 'NotAnArray', 'the file was to be read as an array and does not begin with "[": ' +
      'use the format "auto", "lines" or "document"')
  }

  binary(position: number, utf16: boolean, gzip: boolean): Failure {
    const but = saysGzip(this.object) && !gzip ? 'is not gzip in spite of its name; it ' : ''
    return this.at(position, 'Binary', utf16
      ? 'the file is UTF-16, JSON is read as UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)'
      : `the file ${but}is binary (a NUL byte in its first 4 KiB), not JSON text`)
  }

  truncatedGzip(position: number): Failure {
    return this.at(position, 'TruncatedGzip', 'the gzip data ends too early: the file is cut off; ' +
      'what was complete before this byte of the unpacked text was read', 'DataLoss')
  }

  corruptGzip(position: number, why: string): Failure {
    return this.at(position, 'CorruptGzip', `the gzip data is damaged (${why}); ` +
      'what was complete before this byte of the unpacked text was read', 'DataLoss')
  }

  private at(position: number, tag: string, what: string, code: Failure['code'] = 'InvalidArgument'): Failure {
    return { _tag: tag, code, message: `${this.object}, byte ${position}: ${what}`, retryable: false }
  }
}
