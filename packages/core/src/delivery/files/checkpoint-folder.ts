import { open, readdir, readFile, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { packData, unpackData } from '../../codec/data.js'
import type { Data } from '../../data.js'
import { ConnectorError } from '../../failure.js'
import type { CheckpointWrite, StoredCheckpoint } from '../../store.js'
import { replaceDurably, syncFolder } from './durable-file.js'
import { corrupt, fileErrorCode } from './file-errors.js'
import { FRAME_BYTES, framedBytes, frameOf, isIntact } from './frame.js'
import { putRecords, readLog } from './framed-log.js'

/** What the header file says: the checkpoint is its header and the first bytes of one log. */
interface Head {
  /** Of the log; 0 before the first checkpoint, when there is none. */
  readonly generation: number
  readonly logBytes: number
  readonly header: Data
}

const FORMAT = 1
const nothingYet: Head = { generation: 0, logBytes: 0, header: null }
const logName = (generation: number): string => `changes-${generation}.log`
const logPattern = /^changes-(\d+)\.log$/

const isHead = (data: unknown): data is Head & { readonly format: number; readonly pipeline: string } =>
  typeof data === 'object' &&
  data !== null &&
  'format' in data &&
  'generation' in data &&
  'logBytes' in data &&
  'header' in data

// The changes may be in it or not: to write them again could put them in twice.
const readFirst = (): ConnectorError =>
  new ConnectorError({
    _tag: 'CheckpointUnknown',
    code: 'FailedPrecondition',
    message:
      'A write of this checkpoint failed before: read it again before the next write, to see whether it is there.',
  })

/**
 * The files of one pipeline's checkpoint. One owner; one call at a time.
 *
 * `header` is replaced whole, and names the log and how much of it belongs to the checkpoint. So a checkpoint comes
 * into being with the rename of the header, and not before; what a crash left behind is overwritten or removed by a
 * later write.
 */
export class CheckpointFolder {
  readonly #pipeline: string
  readonly #folder: string
  readonly #headerFile: string
  /** As on disk; undefined when that has to be looked up (at first, and after a write that failed). */
  #head: Head | undefined
  #log: FileHandle | undefined
  #failed = false
  readonly #verify: () => Promise<void>

  /**
   * @param verify throws when the folder is not this process's any more: asked before anything is changed, and again
   * before the header is
   */
  constructor(pipeline: string, folder: string, verify: () => Promise<void>) {
    this.#pipeline = pipeline
    this.#verify = verify
    this.#folder = folder
    this.#headerFile = join(folder, 'header')
  }

  async read(): Promise<StoredCheckpoint | undefined> {
    const head = await this.#readHead()
    const changes = head === undefined || head.generation === 0 ? undefined : await this.#readChanges(head)
    this.#head = head
    this.#failed = false
    return head && changes && { header: head.header, changes }
  }

  async write(checkpoint: CheckpointWrite): Promise<void> {
    if (this.#failed) throw readFirst()
    try {
      await this.#verify()
      await this.#write(this.#head ?? (await this.#begin()), checkpoint)
    } catch (error) {
      this.#failed = true
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    const log = this.#log
    this.#head = undefined
    this.#log = undefined
    await log?.close()
  }

  async #write(before: Head, { header, reset, changes }: CheckpointWrite): Promise<void> {
    const head =
      reset || before.generation === 0
        ? await this.#startLog(before.generation + 1, changes)
        : await this.#append(before, changes)
    await this.#verify()
    await this.#replaceHead({ ...head, header })
    if (head.generation !== before.generation) await this.#removeLogsBut(head.generation)
  }

  async #startLog(generation: number, changes: readonly Uint8Array[]): Promise<Omit<Head, 'header'>> {
    const logBytes = await putRecords(await this.#openLog(generation, 'w'), 0, changes)
    await syncFolder(this.#folder)
    return { generation, logBytes }
  }

  async #append({ generation, logBytes }: Head, changes: readonly Uint8Array[]): Promise<Omit<Head, 'header'>> {
    if (changes.length === 0) return { generation, logBytes }
    const log = this.#log ?? (await this.#openLog(generation, 'r+'))
    return { generation, logBytes: await putRecords(log, logBytes, changes) }
  }

  async #openLog(generation: number, flags: 'w' | 'r+'): Promise<FileHandle> {
    await this.#log?.close()
    this.#log = undefined
    this.#log = await open(join(this.#folder, logName(generation)), flags)
    return this.#log
  }

  // A header that says "none yet" comes before the first log: so a log without a header is always a loss, never a
  // beginning.
  async #begin(): Promise<Head> {
    // A checkpoint that cannot be read is not built upon.
    await this.read()
    if (this.#head !== undefined) return this.#head
    await this.#replaceHead(nothingYet)
    return nothingYet
  }

  async #readChanges({ generation, logBytes }: Head): Promise<readonly Uint8Array[]> {
    const file = join(this.#folder, logName(generation))
    const content = await readLog(file, logBytes)
    if (content._tag === 'Damaged') throw corrupt(file, this.#folder, content.what)
    return content.records
  }

  async #replaceHead(head: Head): Promise<void> {
    const payload = packData({ format: FORMAT, pipeline: this.#pipeline, ...head })
    await replaceDurably(this.#headerFile, Buffer.concat([frameOf(payload), payload]))
    this.#head = head
  }

  async #readHead(): Promise<Head | undefined> {
    const bytes = await readFile(this.#headerFile).catch((error: unknown) => {
      if (fileErrorCode(error) !== 'ENOENT') throw error
    })
    if (bytes !== undefined) return this.#parseHead(bytes)
    const logs = await this.#logs()
    if (logs.length > 0) throw this.#corruptHeader(`is missing, and ${logs.join(', ')} beside it is not`)
    return undefined
  }

  #parseHead(bytes: Buffer): Head {
    const whole = bytes.length >= FRAME_BYTES && bytes.length === FRAME_BYTES + framedBytes(bytes)
    if (!whole) throw this.#corruptHeader(`has ${bytes.length} bytes and is not whole`)
    const payload = bytes.subarray(FRAME_BYTES)
    if (!isIntact(bytes, payload)) throw this.#corruptHeader('does not agree with its checksum')
    const head: unknown = unpackData(payload)
    if (!isHead(head) || head.format !== FORMAT)
      throw this.#corruptHeader('is of a format that this version does not know')
    if (head.pipeline !== this.#pipeline)
      throw this.#corruptHeader(
        `belongs to pipeline ${JSON.stringify(head.pipeline)}, not to ${JSON.stringify(this.#pipeline)}`,
      )
    return { generation: head.generation, logBytes: head.logBytes, header: head.header }
  }

  #corruptHeader(what: string): Error {
    return corrupt(this.#headerFile, this.#folder, what)
  }

  async #logs(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (fileErrorCode(error) !== 'ENOENT') throw error
      return []
    })
    return names.filter((name) => logPattern.test(name))
  }

  async #removeLogsBut(generation: number): Promise<void> {
    for (const name of await this.#logs()) {
      if (name !== logName(generation)) await unlink(join(this.#folder, name))
    }
  }
}
