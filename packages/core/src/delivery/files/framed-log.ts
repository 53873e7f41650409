import { open, type FileHandle } from 'node:fs/promises'
import { fileErrorCode } from './file-errors.js'
import { FRAME_BYTES, framedBytes, frameOf, isIntact } from './frame.js'

const writeAll = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<number> => {
  let written = 0
  while (written < bytes.length) {
    written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten
  }
  return position + written
}

/**
 * Puts records into the log from byte `from` on, over whatever a crash left there, and makes them durable.
 * @returns the length of the log
 */
export const putRecords = async (handle: FileHandle, from: number, records: readonly Uint8Array[]): Promise<number> => {
  let end = from
  for (const record of records) {
    end = await writeAll(handle, frameOf(record), end)
    end = await writeAll(handle, record, end)
  }
  await handle.sync()
  return end
}

const readAll = async (handle: FileHandle, length: number, position: number): Promise<Buffer | undefined> => {
  const bytes = Buffer.allocUnsafe(length)
  let got = 0
  while (got < length) {
    const { bytesRead } = await handle.read(bytes, got, length - got, position + got)
    if (bytesRead === 0) return undefined
    got += bytesRead
  }
  return bytes
}

/** The records of a log, or what is wrong with it. */
export type LogContent =
  | { readonly _tag: 'Records'; readonly records: readonly Uint8Array[] }
  | { readonly _tag: 'Damaged'; readonly what: string }

const damaged = (what: string): LogContent => ({ _tag: 'Damaged', what })

const readRecords = async (handle: FileHandle, length: number): Promise<LogContent> => {
  const { size } = await handle.stat()
  if (size < length) return damaged(`has ${size} bytes where ${length} belong to the checkpoint`)
  const records: Uint8Array[] = []
  let position = 0
  while (position < length) {
    const wrong = damaged(`does not hold the record that was written at byte ${position}`)
    const head = position + FRAME_BYTES <= length ? await readAll(handle, FRAME_BYTES, position) : undefined
    if (head === undefined || position + FRAME_BYTES + framedBytes(head) > length) return wrong
    const record = await readAll(handle, framedBytes(head), position + FRAME_BYTES)
    if (record === undefined || !isIntact(head, record)) return wrong
    records.push(record)
    position += FRAME_BYTES + record.length
  }
  return { _tag: 'Records', records }
}

/** Reads the first `length` bytes of a log; what comes after is of a checkpoint that was never finished. */
export const readLog = async (file: string, length: number): Promise<LogContent> => {
  try {
    const handle = await open(file, 'r')
    try {
      return await readRecords(handle, length)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return damaged('is missing')
    throw error
  }
}
