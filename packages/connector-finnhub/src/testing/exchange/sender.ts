import { systemClock } from '@millrace/core'
import { befall, type Sending } from '../faults/befall.js'
import type { LineFault } from '../faults/fault.js'
import type { PendingFaults, Progress } from '../faults/pending.js'
import { onlySymbols } from '../market/frame.js'
import { Feed, type Outgoing } from './feed.js'
import { Gate } from './gate.js'
import type { Line } from './line.js'
import type { CheckedOptions } from './options.js'
import { type Pacer, pacerOf } from './pacer.js'
import type { Tally } from './tally.js'

/** After so much, incoming messages get their turn. */
const SLICE_BYTES = 1_048_576
const SLICE_FRAMES = 4_096

/** Sends the feed to whichever connection is ready, one at a time; its position outlives them. */
export class Sender {
  readonly #changed = new Gate()
  readonly #options: CheckedOptions
  readonly #faults: PendingFaults
  readonly #tally: Tally
  readonly #feed: Feed
  readonly #pacer: Pacer
  readonly #ready: () => Line | undefined
  readonly #sending: Sending
  #last: readonly Outgoing[] = []
  #heldBack: Outgoing | undefined
  #line: Line | undefined
  #isStopped = false
  #allSent: () => void = () => undefined
  /** Resolves when everything was sent, or nothing more will be; rejects if the frames given threw. */
  readonly done: Promise<void>

  /** @param ready the connection that is to be sent to, if any */
  constructor(options: CheckedOptions, faults: PendingFaults, tally: Tally, ready: () => Line | undefined) {
    this.#options = options
    this.#faults = faults
    this.#tally = tally
    this.#ready = ready
    this.#feed = new Feed(options)
    this.#pacer = pacerOf(options)
    this.#sending = {
      clock: options.clock,
      take: (line) => this.#take(line),
      putBack: (frame) => { this.#heldBack = frame },
      sent: (line, frame) => this.#count(line, frame),
      last: (count) => (count === 0 ? [] : this.#last.slice(-count)),
    }
    const sent = new Promise<void>((resolve) => { this.#allSent = resolve })
    this.done = Promise.race([sent, this.#run()])
    // Who does not ask for `done` sees the connections close with 1011.
    this.done.catch(() => undefined)
  }

  /** Another connection may be ready, or the current one no more. */
  look(): void {
    this.#line?.release()
    this.#changed.notify()
  }

  stop(): void {
    this.#isStopped = true
    this.#feed.stop()
    this.#allSent()
    this.look()
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) {
        const line = this.#ready()
        if (line === undefined) await this.#changed.wait()
        else await this.#turn(line)
      }
    } catch (error) {
      this.#ready()?.close(1011, 'the frames to be sent failed')
      throw error
    }
  }

  async #turn(line: Line): Promise<void> {
    const fault = this.#faults.take(this.#progress(line))
    if (fault !== undefined) return this.#befall(fault, line)
    await this.#feed.fill()
    // What comes may have taken its time: the connection may be gone, or a newer one ready.
    if (line !== this.#ready()) return
    if (line !== this.#line) this.#begin(line)
    const head = this.#heldBack ?? this.#feed.head
    if (head === undefined) return this.#feed.ended ? this.#end(line) : undefined
    const delayMillis = this.#pacer.delayMillis(head)
    if (delayMillis > 0) return sleepUnlessEnded(this.#options, delayMillis, line)
    this.#burst(line)
    if (!line.hasRoom) {
      this.#tally.count('waits')
      await line.drained()
    }
    await systemClock.sleep(0)
  }

  async #befall(fault: LineFault, line: Line): Promise<void> {
    try {
      await befall(fault, line, this.#sending)
    } catch (error) {
      // The connection went away meanwhile: that is what the fault was for.
      if (!line.ended.aborted) throw error
    }
  }

  #begin(line: Line): void {
    if (this.#options.whileAway === 'lose' && this.#line !== undefined) this.#loseDue()
    this.#line = line
    this.#pacer.begin(this.#feed.head)
  }

  /** What fell due while nobody was there is gone, as with the real exchange. */
  #loseDue(): void {
    for (let head = this.#feed.head; head?.frame !== undefined && head.frame.atMillis <= this.#pacer.nowMillis(); head = this.#feed.head) {
      this.#feed.take()
      this.#tally.count('lost')
      if (this.#feed.fill() !== undefined) return
    }
  }

  /** Sends what is due, until a fault is, the socket is full or others should have their turn. */
  #burst(line: Line): void {
    let untilFault = this.#faults.framesUntilDue(this.#progress(line))
    for (let bytes = 0, left = SLICE_FRAMES; left > 0 && bytes < SLICE_BYTES && untilFault > 0 && line.hasRoom; left--) {
      const head = this.#heldBack ?? this.#feed.head
      if (head === undefined || this.#pacer.delayMillis(head) > 0) return
      this.#next()
      const frame = this.#narrowed(line, head)
      if (frame !== undefined) {
        line.send(frame)
        this.#count(line, frame)
        bytes += frame.data.length
        untilFault -= 1
      }
      if (this.#feed.fill() !== undefined) return
    }
  }

  #narrowed(line: Line, outgoing: Outgoing): Outgoing | undefined {
    if (!this.#options.filterBySymbol || outgoing.frame === undefined) return outgoing
    const frame = onlySymbols(outgoing.frame, line.subscriptions)
    if (frame === outgoing.frame) return outgoing
    if (frame !== undefined) return { data: frame.data, binary: frame.binary, frame }
    this.#tally.count('filtered')
    return undefined
  }

  #next(): void {
    if (this.#heldBack === undefined) this.#feed.take()
    this.#heldBack = undefined
  }

  /** The next frame that a connection wants, for a fault that sends it in its own way; none if it is gone meanwhile. */
  async #take(line: Line): Promise<Outgoing | undefined> {
    for (;;) {
      await this.#feed.fill()
      const head = this.#heldBack ?? this.#feed.head
      if (head === undefined || !line.canSend) return undefined
      this.#next()
      const frame = this.#narrowed(line, head)
      if (frame !== undefined) return frame
    }
  }

  #count(line: Line, frame: Outgoing): void {
    line.frames += 1
    this.#tally.count('frames')
    this.#pacer.sent()
    const { pingEveryFrames } = this.#options
    if (pingEveryFrames !== undefined && this.#tally.frames % pingEveryFrames === 0) line.ping()
    if (this.#faults.mostResent > 0) this.#last = [...this.#last, frame].slice(-this.#faults.mostResent)
  }

  async #end(line: Line): Promise<void> {
    await line.drained()
    if (this.#options.atEnd === 'close') line.close(1000)
    line.isReady = false
    this.#allSent()
  }

  #progress(line: Line): Progress {
    return { frames: this.#tally.frames, connection: line.number, framesOfConnection: line.frames }
  }
}

const sleepUnlessEnded = async ({ clock }: CheckedOptions, millis: number, line: Line): Promise<void> => {
  try {
    await clock.sleep(millis, line.ended)
  } catch (error) {
    if (!line.ended.aborted) throw error
  }
}
