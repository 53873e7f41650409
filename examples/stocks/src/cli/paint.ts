/** Puts a text in a colour, or leaves it. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly red: (text: string) => string
  readonly cyan: (text: string) => string
}

const coded = (start: number, end: number) => (text: string): string => `\x1b[${start}m${text}\x1b[${end}m`
const plain = (text: string): string => text

/** For a pipe, a file, `NO_COLOR`. */
export const NO_PAINT: Paint = { bold: plain, dim: plain, green: plain, yellow: plain, red: plain, cyan: plain }

const ANSI: Paint = {
  bold: coded(1, 22), dim: coded(2, 22), green: coded(32, 39), yellow: coded(33, 39), red: coded(31, 39), cyan: coded(36, 39),
}

/**
 * Colours for a terminal that wants them.
 * @see https://no-color.org: any value of `NO_COLOR` but the empty one means no colour
 */
export const paintFor = (isTerminal: boolean, env: NodeJS.ProcessEnv): Paint => {
  const isUnwanted = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return isTerminal && !isUnwanted ? ANSI : NO_PAINT
}
