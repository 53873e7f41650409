/** What a symbol is: it decides over the form of its conditions and volumes. */
export type SymbolKind = 'stock' | 'crypto' | 'currency'

/** A symbol of the market, and the price at which it opens. */
export interface Listing {
  readonly name: string
  readonly kind: SymbolKind
  readonly cents: number
}

const stock = (name: string, cents: number): Listing => ({ name, kind: 'stock', cents })

/** Prices are invented; the names only make tables easy to read. */
const LISTINGS: readonly Listing[] = [
  stock('AAPL', 22_277), stock('NVDA', 11_914), stock('MSFT', 42_700), stock('TSLA', 22_981), stock('AMZN', 18_707),
  stock('META', 52_548), stock('GOOGL', 15_453), stock('AMD', 15_077), stock('NFLX', 68_742), stock('INTC', 1_947),
  stock('JPM', 20_583), stock('BAC', 3_851), stock('XOM', 10_987), stock('KO', 7_105), stock('WMT', 7_941),
  stock('DIS', 8_916), stock('IBM', 21_180), stock('ORCL', 16_130), stock('BRK.B', 44_780), stock('F', 1_056),
  { name: 'BINANCE:BTCUSDT', kind: 'crypto', cents: 5_812_345 }, { name: 'BINANCE:ETHUSDT', kind: 'crypto', cents: 236_112 },
  { name: 'OANDA:EUR_USD', kind: 'currency', cents: 110 }, { name: 'IC MARKETS:1', kind: 'currency', cents: 9_150 },
]

/** The 24 symbols of a simulated market that is told no others: stocks, crypto and currencies. @public */
export const MARKET_SYMBOLS: readonly string[] = LISTINGS.map(({ name }) => name)

const kindOf = (name: string): SymbolKind => {
  if (name.startsWith('BINANCE:') || name.startsWith('COINBASE:')) return 'crypto'
  return name.includes(':') ? 'currency' : 'stock'
}

/** The listing of a symbol; one that is not known opens at 100. */
export const listingOf = (name: string): Listing =>
  LISTINGS.find((listing) => listing.name === name) ?? { name, kind: kindOf(name), cents: 10_000 }
