const NAME = /^finnhub: /

/** What the connector says begins with its name, which goes without saying where nothing else is connected. */
export const withoutName = (message: string): string => message.replace(NAME, '')

/** Whether the connector says that a connection is open. */
export const saysConnected = (message: string): boolean => withoutName(message).startsWith('connected to ')

/** Whether the connector says that there is no connection, and that it tries again. */
export const saysDisconnected = (message: string): boolean => message.includes('; connecting again in ')

/** What to look at when the very first connection cannot be made; `undefined` where the message says it itself. */
export const hintOf = (message: string, hasOwnUrl: boolean): string | undefined => {
  if (!message.includes(': the connection failed: ')) return undefined
  return hasOwnUrl ? 'Is the exchange running? Check --url. It is tried again until Ctrl-C.' : 'Is there a network? It is tried again until Ctrl-C.'
}
