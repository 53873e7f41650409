/** Makes a text that came from outside fit to be shown. */
export type Sayable = (text: string) => string

const LONGEST = 200

const spellings = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams({ secret }).toString().slice('secret='.length),
  JSON.stringify(secret).slice(1, -1),
]

/** Leaves out these secrets, however they are spelled, and what is not printable, and cuts what is long. */
export const sayableWithout = (secrets: readonly string[]): Sayable => {
  const hidden = [...new Set(secrets.flatMap(spellings))].filter((text) => text !== '').toSorted((a, b) => b.length - a.length)
  return (text) => {
    const safe = hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
    return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe
  }
}
