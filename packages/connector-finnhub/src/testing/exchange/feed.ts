import type { RawMessage } from '../faults/fault.js'
import type { MarketFrame } from '../market/frame.js'
import { simulatedMarket } from '../market/market.js'
import type { CheckedOptions } from './options.js'

/** A message to be sent; with a market's time and content, if it is a market's. */
export interface Outgoing {
  readonly data: string | Uint8Array
  readonly binary: boolean
  readonly frame: MarketFrame | undefined
}

/** A message as it is to be sent: strings are text, bytes are binary unless it says otherwise. */
export const outgoing = (item: RawMessage | MarketFrame): Outgoing => {
  if (typeof item === 'string') return { data: item, binary: false, frame: undefined }
  if (item instanceof Uint8Array) return { data: item, binary: true, frame: undefined }
  if ('atMillis' in item) return { data: item.data, binary: item.binary, frame: item }
  return { data: item.data, binary: item.binary ?? typeof item.data !== 'string', frame: undefined }
}

type Items = Iterator<RawMessage | MarketFrame> | AsyncIterator<RawMessage | MarketFrame>

/** The market of these options; one in real time opens when the first frame is asked for. */
const framesOf = ({ frames, market, historyMillis, clock }: CheckedOptions): Items => {
  if (frames !== undefined) return Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]()
  if (historyMillis === undefined) return simulatedMarket(market)[Symbol.iterator]()
  const open = function* (): Generator<MarketFrame, void> {
    yield* simulatedMarket({ millis: Infinity, ...market, startMillis: clock.now() - historyMillis })
  }
  return open()
}

/** What is to be sent, in order, one message ahead. It is read once, however many connections there are. */
export class Feed {
  readonly #items: Items
  #filling: Promise<void> | undefined
  #head: Outgoing | undefined
  #ended = false

  constructor(options: CheckedOptions) {
    this.#items = framesOf(options)
  }

  /** What comes next: known after `fill`. */
  get head(): Outgoing | undefined {
    return this.#head
  }

  /** Nothing more comes. */
  get ended(): boolean {
    return this.#ended
  }

  /** Makes `head` known: at once where `undefined` is given, else when the promise resolves. */
  fill(): Promise<void> | undefined {
    if (this.#filling !== undefined) return this.#filling
    if (this.#head !== undefined || this.#ended) return undefined
    const next = this.#items.next()
    if (!(next instanceof Promise)) return this.#keep(next)
    this.#filling = next.then((result) => {
      this.#filling = undefined
      return this.#keep(result)
    })
    return this.#filling
  }

  /** Goes on to the next message. */
  take(): void {
    this.#head = undefined
  }

  /** Tells the items that no more of them are wanted. What they do about it is theirs. */
  stop(): void {
    this.#ended = true
    this.#head = undefined
    const returned = this.#items.return?.()
    // A generator that is waiting for something answers late or never: nobody waits for it.
    if (returned instanceof Promise) returned.catch(() => undefined)
  }

  #keep(result: IteratorResult<RawMessage | MarketFrame>): undefined {
    if (this.#ended) return
    if (result.done === true) this.#ended = true
    else this.#head = outgoing(result.value)
  }
}
