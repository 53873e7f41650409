import type { SavedCell, SavedCells } from '../../delivery/cell-columns.js'
import { ConnectorError } from '../../failure.js'
import type { AnyCombine } from '../../pipeline/stage.js'
import { fixedStart, type Pane, type WindowFn } from '../../time/window.js'
import { CellTable } from '../cell-table.js'
import { ElementView, select, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'
import { PaneRecords } from '../made-records.js'

/** What changed since the last save: accumulators, to be read before the next element, and windows that are gone. */
export interface WindowChanges {
  readonly cells: SavedCells
  readonly closed: readonly number[]
}

const panesABatch = 1_024

/** Fixed windows over window → key → accumulator; a window fires once, when the watermark has passed its end and lateness. */
export class AggregateOperator extends Operator {
  /** By start, then key: the row of the table. */
  readonly #windows = new Map<number, Map<string, number>>()
  readonly #table: CellTable
  readonly #view = new ElementView(nothing)
  readonly #size: number
  readonly #offset: number
  readonly #lateness: number
  readonly #saved = new Set<number>()
  #closed: number[] = []
  /** While it is restored. */
  readonly #closedLater = new Set<number>()
  #watermark = Number.NEGATIVE_INFINITY
  #forwarded = Number.NEGATIVE_INFINITY
  /** When the first of the open windows may fire. */
  #nextFire = Number.POSITIVE_INFINITY
  #at = 0

  constructor(
    stage: string,
    host: OperatorHost,
    window: WindowFn,
    latenessMillis: number,
    readonly combine: AnyCombine,
    readonly covers: (startMillis: number, endMillis: number) => boolean,
  ) {
    super(stage, 'aggregate', host)
    if (window._tag !== 'fixed') throw new ConnectorError({ _tag: 'Windows', code: 'Unimplemented', message: `aggregate('${stage}'): the local runtime has fixed windows only, not ${window._tag} ones` })
    this.#size = window.sizeMillis
    this.#offset = window.offsetMillis
    this.#lateness = latenessMillis
    this.#table = new CellTable(combine)
  }

  protected process(elements: Elements): void {
    // Each may be the first of its key. What is thrown here is no element's fault.
    this.#table.reserve(elements.length)
    this.#view.elements = elements
    let from = 0
    while (from < elements.length) {
      try {
        from = this.#add(elements, from)
      } catch (error) {
        this.reject(elements, this.#at, failureOf(error), { key: elements.keys?.[this.#at] ?? '', window: this.#windowAt(elements, this.#at) })
        from = this.#at + 1
      }
    }
    this.#view.elements = nothing
  }

  /** The hot loop: adds elements from `from` on; where a combine throws, `#at` says which. */
  #add(elements: Elements, from: number): number {
    const { length, rows } = elements
    const times = elements.times as Float64Array // as: there is no window before eventTime
    const born = elements.born as Float64Array
    const keys = elements.keys as readonly string[] // as: keyBy comes before
    const table = this.#table
    const view = this.#view
    let start = Number.NaN
    let end = Number.NaN
    let cells: Map<string, number> | undefined
    for (let i = from; i < length; i++) {
      this.#at = i
      const time = times[i] as number // as: i < length, here and below
      if (!(time >= start && time < end)) {
        start = fixedStart(time, this.#size, this.#offset)
        end = start + this.#size
        cells = this.#windows.get(start)
      }
      const row = rows === undefined ? i : (rows[i] as number)
      if (end + this.#lateness <= (born[row] as number)) {
        this.#rejectLate(elements, i, born[row] as number)
        continue
      }
      if (cells === undefined) cells = this.#open(start)
      const key = keys[i] as string
      const cell = cells.get(key)
      view.moveTo(i)
      if (cell === undefined) this.#addFirst(cells, start, key)
      else table.add(cell, view)
      this.counts.aggregated++
    }
    return length
  }

  /** A key whose every element is refused has no pane. */
  #addFirst(cells: Map<string, number>, start: number, key: string): void {
    const cell = this.#table.open(start, key)
    try {
      this.#table.add(cell, this.#view)
    } catch (error) {
      this.#table.close(cell)
      throw error
    }
    cells.set(key, cell)
  }

  #open(start: number): Map<string, number> {
    const cells = new Map<string, number>()
    this.#windows.set(start, cells)
    this.#nextFire = Math.min(this.#nextFire, this.#fireTimeOf(start))
    return cells
  }

  #fireTimeOf(start: number): number {
    return start + this.#size + this.#lateness
  }

  #windowAt(elements: Elements, index: number): { startMillis: number; endMillis: number } {
    const startMillis = fixedStart(elements.times?.[index] ?? Number.NaN, this.#size, this.#offset)
    return { startMillis, endMillis: startMillis + this.#size }
  }

  #rejectLate(elements: Elements, index: number, born: number): void {
    const window = this.#windowAt(elements, index)
    const message = `late: its window ended at ${window.endMillis} with ${this.#lateness} ms of allowed lateness, and the watermark of its partition was already ${born} before its record`
    this.reject(elements, index, { _tag: 'Late', code: 'OutOfRange', message }, { kind: 'window', key: elements.keys?.[index] ?? '', window })
  }

  /** Whether a window would fire at this watermark. */
  firesAt(watermarkMillis: number): boolean {
    return this.#nextFire <= watermarkMillis
  }

  override advance(watermarkMillis: number): void {
    this.#watermark = watermarkMillis
    this.#forward()
  }

  /** True while windows wait to be fired by `fire`. */
  get ready(): boolean {
    return this.#windows.size > 0 && this.#nextFire <= this.#watermark
  }

  get openWindows(): number {
    let open = 0
    for (const cells of this.#windows.values()) open += cells.size
    return open
  }

  /** Fires whole windows, oldest first, until `limit` panes or more have gone on. Returns how many. */
  fire(limit: number): number {
    const due = [...this.#windows.keys()].filter((start) => this.#fireTimeOf(start) <= this.#watermark).sort((a, b) => a - b)
    let fired = 0
    let next = 0
    for (; next < due.length && fired < limit; next++) fired += this.#fireWindow(due[next] as number) // as: next < length
    this.#nextFire = next < due.length ? this.#fireTimeOf(due[next] as number) : this.#leastFire() // as: next < length
    this.#forward()
    return fired
  }

  #leastFire(): number {
    let least = Number.POSITIVE_INFINITY
    for (const start of this.#windows.keys()) least = Math.min(least, this.#fireTimeOf(start))
    return least
  }

  /**
   * What comes after sees the watermark only once all panes before it have gone on, and less the lateness: a window that may
   * still fire ends later than that, and its pane lies just inside it.
   */
  #forward(): void {
    if (this.ready) return
    const watermark = this.#watermark === Number.POSITIVE_INFINITY ? this.#watermark : Math.floor(this.#watermark - this.#lateness)
    if (watermark <= this.#forwarded) return
    this.#forwarded = watermark
    super.advance(watermark)
  }

  #fireWindow(start: number): number {
    const cells = [...(this.#windows.get(start)?.values() ?? [])]
    this.#windows.delete(start)
    if (this.#saved.delete(start)) this.#closed.push(start)
    for (let from = 0; from < cells.length; from += panesABatch) this.#emitPanes(start, cells.slice(from, from + panesABatch))
    return cells.length
  }

  #emitPanes(start: number, cells: readonly number[]): void {
    const end = start + this.#size
    const position = [start, end, 0]
    const keys = cells.map((cell) => this.#table.keyOf(cell))
    const records = new PaneRecords(this.stage, keys, cells.map(() => position))
    const times = new Float64Array(cells.length).fill(end - 1)
    const born = new Float64Array(cells.length).fill(Number.NEGATIVE_INFINITY)
    const values = new Array<unknown>(cells.length)
    const panes: Elements = { length: cells.length, records, values, rows: undefined, paths: [], times, born, keys: undefined }
    const kept: number[] = []
    this.counts.made += cells.length
    for (const [i, cell] of cells.entries()) {
      if (this.#extract(panes, values, i, cell)) kept.push(i)
      this.#table.close(cell)
    }
    this.emit(kept.length === cells.length ? panes : select(panes, kept))
  }

  /** A pane whose combine cannot say what it is worth is a dead letter, and the others go on. */
  #extract(panes: Elements, values: unknown[], i: number, cell: number): boolean {
    const [startMillis, key] = [this.#table.startOf(cell), this.#table.keyOf(cell)]
    const window = { startMillis, endMillis: startMillis + this.#size }
    values[i] = { key, window }
    try {
      values[i] = this.#pane(key, window, this.combine.extract(this.#table.read(cell)))
      return true
    } catch (error) {
      this.reject(panes, i, failureOf(error), { key, window })
      return false
    }
  }

  #pane(key: string, window: Pane<string, unknown>['window'], value: unknown): Pane<string, unknown> {
    return { key, window, timing: 'onTime', index: 0, isLast: true, complete: this.covers(window.startMillis, window.endMillis), value }
  }

  takeChanges(all: boolean): WindowChanges {
    const changed = this.#table.takeChanged()
    const live = all ? [...this.#windows.values()].flatMap((cells) => [...cells.values()]) : changed
    const changes = { cells: this.#table.saved(live), closed: all ? [] : this.#closed }
    this.#closed = []
    if (all) this.#saved.clear()
    for (const cell of live) this.#saved.add(this.#table.startOf(cell))
    return changes
  }

  /** Takes saved changes back, the newest first: what is there already is newer, and what was closed later is not opened again. */
  restore({ cells, closed }: { readonly cells: readonly SavedCell[]; readonly closed: readonly number[] }): void {
    for (const { start, key, acc } of cells) {
      if (this.#closedLater.has(start)) continue
      const open = this.#windows.get(start) ?? this.#open(start)
      if (!open.has(key)) open.set(key, this.#restored(start, key, acc))
      this.#saved.add(start)
    }
    for (const start of closed) this.#closedLater.add(start)
  }

  #restored(start: number, key: string, acc: unknown): number {
    this.#table.reserve(1)
    const cell = this.#table.open(start, key)
    this.#table.restore(cell, acc)
    return cell
  }

  /** Ends restoring. */
  restored(): void {
    this.#closedLater.clear()
  }
}

const nothing: Elements = {
  length: 0,
  records: new PaneRecords('', [], []),
  values: [],
  rows: undefined,
  paths: [],
  times: undefined,
  born: undefined,
  keys: undefined,
}
