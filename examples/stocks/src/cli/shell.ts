const SAFE = /^[\w@%+=:,./-]+$/

/** A word as it can be pasted into a shell. */
export const quoted = (word: string): string => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** The command line of a stocks command, to be pasted. */
export const commandLine = (words: readonly string[]): string => `npm run stocks -- ${words.map(quoted).join(' ')}`
