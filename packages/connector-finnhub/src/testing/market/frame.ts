/** A good trade, as Finnhub writes it. A volume of 0 makes it a price update. @public */
export interface MarketTrade {
  /** Condition codes, in the four forms that were seen: codes, an empty list, `null`, or no field at all. */
  readonly c?: readonly string[] | null
  readonly p: number
  readonly s: string
  /** Event time, Unix milliseconds: never after its frame's `atMillis`. */
  readonly t: number
  readonly v: number
}

/** A bad trade that stands among good ones. @public */
export interface PlantedTrade {
  /** The symbol whose subscribers get it. */
  readonly symbol: string
  /** How many good trades stand before it. */
  readonly index: number
  readonly text: string
}

/** One message of a simulated market. @public */
export interface MarketFrame {
  /** Market time at which it is sent, Unix milliseconds; never before that of the frame before. */
  readonly atMillis: number
  /** What is sent: a text, or bytes where it is no valid text. */
  readonly data: string | Uint8Array
  /** Whether it goes as a binary message; bytes otherwise go as a text message, valid UTF-8 or not. */
  readonly binary: boolean
  /** Its good trades, in order; empty where the frame as a whole is bad. */
  readonly trades: readonly MarketTrade[]
  /** The kind of what is bad in it: exactly one dead letter, either one of its trades or the whole frame. */
  readonly bad: string | undefined
  /** The bad trade, where not the whole frame is bad. */
  readonly badTrade: PlantedTrade | undefined
}

const textOf = (trades: readonly MarketTrade[], bad: PlantedTrade | undefined): string => {
  const texts = trades.map((trade) => JSON.stringify(trade))
  if (bad !== undefined) texts.splice(bad.index, 0, bad.text)
  return `{"data":[${texts.join(',')}],"type":"trade"}`
}

/** A frame of trades, with Finnhub's order of keys, and perhaps a bad one among them. */
export const tradeFrame = (atMillis: number, trades: readonly MarketTrade[], bad?: string, badTrade?: PlantedTrade): MarketFrame =>
  ({ atMillis, data: textOf(trades, badTrade), binary: false, trades, bad, badTrade })

/** A frame without trades: good as it is, or bad as a whole. */
export const plainFrame = (atMillis: number, data: string | Uint8Array, bad?: string, binary = false): MarketFrame =>
  ({ atMillis, data, binary, trades: [], bad, badTrade: undefined })

/**
 * What a client sees of a frame that has subscribed to `symbols`: the frame itself, less of it, or `undefined` for nothing
 * at all. What is no trade (pings, news, frames that are bad as a whole) goes to every client.
 * @public
 */
export const onlySymbols = (frame: MarketFrame, symbols: ReadonlySet<string>): MarketFrame | undefined => {
  const { badTrade } = frame
  if (frame.trades.length === 0 && badTrade === undefined) return frame
  const keepsBad = badTrade !== undefined && symbols.has(badTrade.symbol)
  if ((badTrade === undefined || keepsBad) && frame.trades.every(({ s }) => symbols.has(s))) return frame
  const trades = frame.trades.filter(({ s }) => symbols.has(s))
  if (!keepsBad) return trades.length === 0 ? undefined : tradeFrame(frame.atMillis, trades)
  const index = frame.trades.slice(0, badTrade.index).filter(({ s }) => symbols.has(s)).length
  return tradeFrame(frame.atMillis, trades, frame.bad, { ...badTrade, index })
}
