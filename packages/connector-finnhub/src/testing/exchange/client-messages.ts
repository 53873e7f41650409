import type { Outgoing } from './feed.js'
import { TOO_MANY_SYMBOLS } from '../faults/rubbish.js'
import type { Line } from './line.js'

const errorMessage = (data: string): Outgoing => ({ data, binary: false, frame: undefined })

interface Request {
  readonly type: string
  readonly symbol: string
}

/** A client's message, or `undefined` where it is none that the exchange knows: the real one says nothing to those either. */
const parse = (text: string): Request | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('type' in value) || !('symbol' in value)) return undefined
    const { type, symbol } = value
    return typeof type === 'string' && typeof symbol === 'string' ? { type, symbol } : undefined
  } catch {
    return undefined
  }
}

/** Does what a client's message asks for. Gives whether its subscriptions have changed. */
export const handleMessage = (line: Line, text: string, maxSymbols: number): boolean => {
  const request = parse(text)
  if (request?.type === 'unsubscribe') return line.subscriptions.delete(request.symbol)
  if (request?.type !== 'subscribe' || line.subscriptions.has(request.symbol)) return false
  if (line.subscriptions.size >= maxSymbols) {
    line.send(errorMessage(TOO_MANY_SYMBOLS))
    return false
  }
  line.subscriptions.add(request.symbol)
  return true
}
