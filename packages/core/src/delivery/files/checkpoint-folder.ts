import { mkdir, open, readdir, readFile, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packData, unpackData } from '../../codec/data.js'
import type { Data } from '../../data.js'
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
  typeof data === 'object' && data !== null && 'format' in data && 'generation' in data && 'logBytes' in data && 'header' in data

/**
 * The files of one pipeline's checkpoint. One owner; one call at a time.
 *
 * `header` is replaced whole, and names the log and how much of it belongs to the checkpoint. So a checkpoint comes into being with the
 * rename of the header, and not before; what a crash left behind it is cut off or removed by the next write.
 */
export class CheckpointFolder {
  readonly #pipeline: string
  readonly #folder: string
  readonly #headerFile: string
  /** As on disk; undefined when that has to be looked up (at first, and after a write that failed). */
  #head: Head | undefined
  #log: FileHandle | undefined

  constructor(pipeline: string, folder: string) {
    this.#pipeline = pipeline
    this.#folder = folder
    this.#headerFile = join(folder, 'header')
  }

  async read(): Promise<StoredCheckpoint | undefined> {
    const head = await this.#readHead()
    if (head === undefined || head.generation === 0) return undefined
    const file = join(this.#folder, logName(head.generation))
    const content = await readLog(file, head.logBytes)
    if (content._tag === 'Damaged') throw corrupt(file, this.#folder, content.what)
    return { header: head.header, changes: content.records }
  }

  /** @param verify called when everything is written and nothing yet is replaced */
  async write({ header, reset, changes }: CheckpointWrite, verify: () => Promise<void>): Promise<void> {
    try {
      const before = this.#head ?? (await this.#begin())
      const fresh = reset || before.generation === 0
      const generation = fresh ? before.generation + 1 : before.generation
      if (fresh) await this.#openLog(generation, 'w')
      const logBytes = await this.#append(generation, fresh ? 0 : before.logBytes, changes, fresh)
      await verify()
      await this.#replaceHead({ generation, logBytes, header })
      if (fresh) await this.#removeLogsBut(generation)
    } catch (error) {
      await this.#forget()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#forget()
  }

  async #append(generation: number, from: number, changes: readonly Uint8Array[], fresh: boolean): Promise<number> {
    if (changes.length === 0 && !fresh) return from
    const log = this.#log ?? (await this.#openLog(generation, 'r+'))
    const logBytes = await putRecords(log, from, changes)
    if (fresh) await syncFolder(this.#folder)
    return logBytes
  }

  async #openLog(generation: number, flags: 'w' | 'r+'): Promise<FileHandle> {
    await this.#log?.close()
    this.#log = undefined
    this.#log = await open(join(this.#folder, logName(generation)), flags)
    return this.#log
  }

  // A header that says "none yet" comes before the first log: so a log without a header is always a loss, never a beginning.
  async #begin(): Promise<Head> {
    const found = await this.#readHead()
    if (found !== undefined) {
      // A checkpoint that cannot be read is not built upon.
      await this.read()
      await this.#removeLogsBut(found.generation)
      this.#head = found
      return found
    }
    await mkdir(this.#folder, { recursive: true })
    await syncFolder(dirname(this.#folder))
    await this.#replaceHead(nothingYet)
    return nothingYet
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
    if (!isHead(head) || head.format !== FORMAT) throw this.#corruptHeader('is of a format that this version does not know')
    if (head.pipeline !== this.#pipeline) throw this.#corruptHeader(`belongs to pipeline ${JSON.stringify(head.pipeline)}, not to ${JSON.stringify(this.#pipeline)}`)
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

  async #forget(): Promise<void> {
    const log = this.#log
    this.#head = undefined
    this.#log = undefined
    await log?.close()
  }
}
