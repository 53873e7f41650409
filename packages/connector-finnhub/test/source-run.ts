import * as assert from 'uvu/assert'
import type { FinnhubOptions } from '@millrace/connector-finnhub'
import { startReading, type Reading, type ReadingOptions } from './source-reading.js'
import { testServer, type Accepted, type TestServer, type Upgrade } from './source-server.js'

export interface RunOptions extends ReadingOptions {
  readonly source?: Partial<FinnhubOptions>
  readonly scheme?: 'wss'
  /** Behind the server's address. */
  readonly path?: string
  readonly upgrade?: Upgrade
  readonly onConnection?: (accepted: Accepted, index: number) => void
}

const kinds: readonly string[] = ['Timeout', 'Immediate', 'TCPSocketWrap', 'TLSWrap', 'TCPServerWrap', 'TCPConnectWrap', 'GetAddrInfoReqWrap']

/** Sockets and timers that are open. */
export const handles = (): readonly string[] => process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).toSorted()

const leakedSince = (before: readonly string[]): readonly string[] => {
  const known = [...before]
  return handles().filter((kind) => {
    const index = known.indexOf(kind)
    if (index >= 0) known.splice(index, 1)
    return index < 0
  })
}

/** Nothing is open that was not before; what is closed leaves the list some turns later. */
export const nothingLeftSince = async (before: readonly string[]): Promise<void> => {
  for (let turn = 0; turn < 1_000 && leakedSince(before).length > 0; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(leakedSince(before), [], 'a timer or a socket is left')
}

/** A server, a reading of it, and in the end the proof that nothing of the reading is left. */
export const withReading = async (use: (reading: Reading, server: TestServer) => Promise<void>, options: RunOptions = {}): Promise<void> => {
  const before = handles()
  const server = await testServer(options.upgrade, options.onConnection)
  const reading = startReading({ symbols: ['AAPL'], url: `${options.scheme ?? 'ws'}://127.0.0.1:${server.port}${options.path ?? ''}`, ...options.source }, options)
  try {
    await use(reading, server)
  } finally {
    reading.stop()
    await server.until('every socket to be closed', () => server.openSockets() === 0)
    await server.close()
  }
  await nothingLeftSince(before)
}

/** A frame of trades as Finnhub spells it. */
export const tradeFrame = (price: number, symbol = 'AAPL'): string => `{"data":[{"c":["1"],"p":${price},"s":"${symbol}","t":1700000000000,"v":1}],"type":"trade"}`
