import type { FinnhubOffset } from '@millrace/connector-finnhub'
import { finnhubTrades } from '@millrace/connector-finnhub'
import { sourceConformance, type SeedRecord, type SourceHarness } from '@millrace/core/testing'
import { suite } from 'uvu'
import { uvuRunner } from './source-uvu-runner.js'
import { answer, testServer, type Accepted } from './source-server.js'

const broken = Buffer.alloc(10, 1)

/** A record a turn, so that there are several batches. */
const send = async ({ socket }: Accepted, records: readonly SeedRecord[]): Promise<void> => {
  for (const record of records) {
    if (record._tag === 'Whole') socket.send(record.bytes, { binary: false })
    else socket.send(broken, { binary: true })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const missingName = 'A_KEY_THAT_IS_REFUSED'
process.env[missingName] = 'x'

const harness: SourceHarness<Uint8Array, FinnhubOffset> = {
  capabilities: { bounded: false, replayable: false, acknowledges: false, drains: true, partitions: 1, failures: true },
  open: async ([records = []]) => {
    const server = await testServer(undefined, (accepted) => void send(accepted, records))
    return { source: () => finnhubTrades({ symbols: ['A'], url: server.url }), close: () => server.close() }
  },
  missing: async () => {
    const server = await testServer((_attempt, socket) => answer(socket, 401))
    return { missingName, source: () => finnhubTrades({ symbols: ['A'], url: server.url, key: { env: missingName } }), close: () => server.close() }
  },
}

const test = suite('finnhub: conformance')
sourceConformance(uvuRunner(test), harness)
test.run()
