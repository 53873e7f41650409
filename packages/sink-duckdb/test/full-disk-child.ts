/** Commits epochs until one fails, tries once more, closes, and prints what happened. */
import type { ConnectorError } from '@millrace/core'
import { bar, barsTable, open, rowOf } from './support.js'

const [path = ''] = process.argv.slice(2)
const opened = await open([barsTable(path)])
const changes = [new Uint8Array(50_000).fill(7)]

const failureOf = async (epoch: number): Promise<ConnectorError | undefined> => {
  try {
    await opened.commit({ bars: [rowOf(bar('A', epoch), 'x'.repeat(20_000))] }, { header: epoch, changes })
    return undefined
  } catch (error) {
    // Whatever the host rejects with is one.
    return error as ConnectorError
  }
}

let epoch = 1
let failure = await failureOf(epoch)
while (failure === undefined) failure = await failureOf(++epoch)
const again = await failureOf(epoch)
await opened.close()
process.stdout.write(JSON.stringify({ acknowledged: epoch - 1, tag: failure._tag, message: failure.message, again: again?._tag ?? 'committed' }))
