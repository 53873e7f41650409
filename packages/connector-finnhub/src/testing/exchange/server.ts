import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { PendingFaults } from '../faults/pending.js'
import { type Lines, tokenOf } from './lines.js'
import type { CheckedOptions } from './options.js'
import { refuse } from './refuse.js'
import type { Tally } from './tally.js'

const MOST_REQUEST_BYTES = 1_048_576
const UPGRADE_REQUIRED = 426
const UNAUTHORIZED = 401

/** A TCP port on which websockets are accepted, refused or left hanging. */
export interface ListeningServer {
  readonly port: number
  /** Lets nobody in any more, says farewell, ends every connection that is left, and resolves when the port is free. */
  close(farewell: () => Promise<void>): Promise<void>
}

const onUpgrade = (options: CheckedOptions, faults: PendingFaults, tally: Tally, lines: Lines) => {
  // autoPong off: a connection that is to be silent answers nothing.
  const acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false, clientTracking: false, maxPayload: MOST_REQUEST_BYTES })
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!(socket instanceof Socket)) throw new Error('an HTTP server on TCP gives TCP sockets')
    tally.count('attempts')
    // Without a listener a client that breaks off would end this process.
    socket.on('error', () => undefined)
    const fault = faults.onUpgrade(tally.counts().attempts)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'refuse') return refuse(socket, fault.status, fault.retryAfter)
    if (options.key !== undefined && tokenOf(request) !== options.key) return refuse(socket, UNAUTHORIZED)
    acceptor.handleUpgrade(request, socket, head, (websocket) => lines.add(websocket, socket, request))
  }
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      // Of a server that listens on TCP the address is never a string.
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Starts listening. @throws Error if the port is taken */
export const listenForClients = async (options: CheckedOptions, faults: PendingFaults, tally: Tally, lines: Lines): Promise<ListeningServer> => {
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => { response.writeHead(UPGRADE_REQUIRED).end() })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', onUpgrade(options, faults, tally, lines))
  const port = await listen(server, options.port)
  const close = async (farewell: () => Promise<void>): Promise<void> => {
    const closed = new Promise<void>((resolve) => { server.close(() => resolve()) })
    await farewell()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port, close }
}
