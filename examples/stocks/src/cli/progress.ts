import type { Clock } from '@millrace/core'
import { formatBytes, formatDuration, plural } from './format.js'
import type { Output } from './output.js'
import { fit } from './table.js'

/** How far a run has come. */
export interface Step {
  readonly records: number
  readonly bytes: { readonly done: number; readonly total: number | undefined }
  readonly phase: 'starting' | 'reading' | 'firing' | 'done'
}

const REDRAW_MILLIS = 80
const PLAIN_LINE_MILLIS = 5_000
/** Reading comes in bursts; over so long they even out. */
const RATE_WINDOW_MILLIS = 5_000
const SAMPLE_MILLIS = 100
/** A rate of less time says nothing of what is left. */
const MIN_MEASURED_MILLIS = 2_000
const MAX_BAR_CELLS = 40
const MIN_BAR_CELLS = 8
/** Room kept for the words, so that the bar does not change its length with them. */
const WORDS_CELLS = 52
const CLEAR_LINE = '\r\x1b[2K'

interface Sample {
  readonly atMillis: number
  readonly bytes: number
}

/** Bytes a millisecond over the last few seconds. It begins with the first byte: what comes before is start-up. */
class Rate {
  readonly #samples: Sample[] = []
  #last: Sample | undefined

  add(atMillis: number, bytes: number): void {
    if (bytes <= 0) return
    this.#last = { atMillis, bytes }
    const newest = this.#samples.at(-1)
    if (newest !== undefined && atMillis - newest.atMillis < SAMPLE_MILLIS) return
    this.#samples.push(this.#last)
    while ((this.#samples[1]?.atMillis ?? Infinity) <= atMillis - RATE_WINDOW_MILLIS) this.#samples.shift()
  }

  /** The time that the rate was measured over. */
  get measuredMillis(): number {
    return (this.#last?.atMillis ?? 0) - (this.#samples[0]?.atMillis ?? 0)
  }

  get perMilli(): number | undefined {
    const read = (this.#last?.bytes ?? 0) - (this.#samples[0]?.bytes ?? 0)
    return this.measuredMillis > 0 && read > 0 ? read / this.measuredMillis : undefined
  }

  /** How long so many bytes will take; `undefined` as long as that would be a guess. */
  millisFor(bytes: number): number | undefined {
    const rate = this.perMilli
    return rate === undefined || this.measuredMillis < MIN_MEASURED_MILLIS ? undefined : bytes / rate
  }
}

const barOf = (fraction: number, cells: number): string => {
  const full = Math.round(fraction * cells)
  return '█'.repeat(full) + '░'.repeat(cells - full)
}

/**
 * Shows a run's progress: bytes, rate, time left. In a terminal one line that is rewritten, else a plain line every few
 * seconds. It draws only when told something new.
 */
export class Progress {
  readonly #output: Output
  readonly #clock: Clock
  readonly #rate = new Rate()
  #drawnAtMillis: number
  #isDrawn = false

  constructor(output: Output, clock: Clock) {
    this.#output = output
    this.#clock = clock
    this.#drawnAtMillis = output.terminal === undefined ? clock.now() : -Infinity
  }

  update(step: Step): void {
    const now = this.#clock.now()
    const interval = this.#output.terminal === undefined ? PLAIN_LINE_MILLIS : REDRAW_MILLIS
    this.#rate.add(now, step.bytes.done)
    if (step.phase === 'done' || now - this.#drawnAtMillis < interval) return
    this.#drawnAtMillis = now
    this.#draw(step)
  }

  /** Leaves the terminal's line as it was found. */
  clear(): void {
    if (this.#isDrawn) this.#output.terminal?.write(CLEAR_LINE)
    this.#isDrawn = false
  }

  #draw(step: Step): void {
    const { terminal } = this.#output
    if (terminal === undefined) {
      this.#output.say(this.#words(step, ', ').trimStart())
      return
    }
    const room = terminal.columns - 1
    const words = this.#words(step, '  ')
    const cells = Math.min(MAX_BAR_CELLS, room - Math.max(words.length, WORDS_CELLS) - 2)
    const { done, total } = step.bytes
    const isBarShown = total !== undefined && total > 0 && cells >= MIN_BAR_CELLS
    terminal.write(CLEAR_LINE + (isBarShown ? `${barOf(Math.min(1, done / total), cells)}  ${words}` : fit(words, room)))
    this.#isDrawn = true
  }

  #words(step: Step, separator: string): string {
    const { done, total } = step.bytes
    if (step.phase === 'firing') return `All read (${formatBytes(done)})${separator}writing bars`
    const rate = this.#rate.perMilli
    const parts = total === undefined || total === 0
      ? [formatBytes(done), plural(step.records, 'record')]
      : [`${String(Math.floor((100 * done) / total)).padStart(3)} %`, `${formatBytes(done)} of ${formatBytes(total)}`]
    if (rate !== undefined) parts.push(`${formatBytes(rate * 1_000)}/s`)
    const left = total !== undefined && total > done ? this.#rate.millisFor(total - done) : undefined
    if (left !== undefined) parts.push(`${formatDuration(left)} left`)
    return parts.join(separator)
  }
}
