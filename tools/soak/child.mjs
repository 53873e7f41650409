// One scenario in a process of its own. Usage: node child.mjs NAME GB DB. Tells on stdout, as lines of JSON, how far it is.
import { runLocal } from '@millrace/core'
import { generatedStore } from './generated-store.mjs'
import { soakPipeline } from './pipeline.mjs'
import { scenarios } from './scenarios.mjs'

const [name, gb, db] = process.argv.slice(2)
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

const { objects, ...expected } = scenarios[name].input(Number(gb))
let jsonBytes = 0
const store = generatedStore(objects, (bytes) => {
  jsonBytes += bytes
})

const job = runLocal(soakPipeline(store), { db })
job.status$.subscribe(({ phase, openWindows }) => {
  const { heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage()
  tell({ jsonBytes, phase, openWindows, heapTotal, heapUsed, external, arrayBuffers })
})
const { total } = await job.done
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
tell({ jsonBytes, phase: 'ended', expected, unaccounted: total.unaccounted, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 })
