// The live lane as the bench runs it: a sender in a process of its own, the real source, its journal.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { finnhubTrades } from '@millrace/connector-finnhub'
import { journaled } from '@millrace/core'
import { pinned } from './cpus.mjs'

const program = fileURLToPath(new URL('live-sender.mjs', import.meta.url))

/** @returns the URL of a sender that runs on these processors; it ends by itself once it was read to its end */
export const startSender = async (args, on) => {
  const [command, ...words] = pinned(on, [process.execPath, program, ...args.map(String)])
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface(child.stdout), 'line')
  return url
}

/** What is read from there, through a journal. */
export const liveFrames = (url, directory, keep = false) => journaled(finnhubTrades({ symbols: ['AAPL'], url, untilClosed: true }), { directory, keep })
