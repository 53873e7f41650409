/** Where to connect to. */
export interface Address {
  /** As it was given: its query and its user part may hold secrets. */
  readonly href: string
  /** Scheme, host and path only: may be shown. */
  readonly shown: string
  /** Host and port. */
  readonly host: string
  /** What in the address itself must not be shown. */
  readonly secrets: readonly string[]
}

const wanted = 'give one that begins with wss:// or ws://'

/** What is no URL, without the parts in which secrets are put. */
const shownAnyway = (text: string): string => (text.split(/[?#]/)[0] ?? '').replace(/\/\/[^/]*@/, '//')

const parse = (text: string): URL => {
  try {
    return new URL(text)
  } catch {
    // The error of `URL` holds the whole text, with what may be a key in it.
    throw new TypeError(`url is ${JSON.stringify(shownAnyway(text))}, which is no URL: ${wanted}`)
  }
}

/**
 * @param hasKey whether a key is to be added to it as its token
 * @throws TypeError saying what is wrong with it
 */
export const checkAddress = (text: string, hasKey: boolean): Address => {
  const url = parse(text)
  const shown = `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new TypeError(`url is ${JSON.stringify(shown)}: ${wanted}`)
  if (url.hash !== '') throw new TypeError(`url ${shown} has a fragment (#…), which cannot be sent: leave it out`)
  const token = url.searchParams.get('token')
  if (token !== null && hasKey) throw new TypeError(`url ${shown} has a token, and there is a key: leave one of them out`)
  const secrets = [token ?? '', url.password].filter((secret) => secret !== '')
  return Object.freeze({ href: url.href, shown, host: url.host, secrets })
}

/** The address with the key as its token: never to be shown. */
export const addressWith = ({ href }: Address, key: string | undefined): string => {
  if (key === undefined) return href
  const url = new URL(href)
  // By hand: `searchParams.set` would spell the rest of the query anew.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}token=${encodeURIComponent(key)}`
  return url.href
}
