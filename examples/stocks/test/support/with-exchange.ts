import { startExchange, type Exchange, type ExchangeOptions } from '@millrace/connector-finnhub/testing'

/** Lets `test` work with an exchange, which is closed afterwards. */
export const withExchange = async <A>(options: ExchangeOptions, test: (exchange: Exchange) => Promise<A>): Promise<A> => {
  const exchange = await startExchange(options)
  try {
    return await test(exchange)
  } finally {
    await exchange.close()
  }
}
