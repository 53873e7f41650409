import type { ObjectFormat } from './options.js'

const SUFFIX = /\.(json|ndjson|jsonl)(\.gz)?$/i

/** Whether a name promises gzip: the content decides. @internal */
export const saysGzip = (path: string): boolean => /\.gz$/i.test(path)

/** What is looked for in folders, in words. @internal */
export const LOOKED_FOR = '.json, .ndjson and .jsonl files, also gzipped'

/** The format a file's name tells; `undefined` where folders leave it out. @internal */
export const formatOf = (path: string): ObjectFormat | undefined => {
  const suffix = SUFFIX.exec(path)?.[1]?.toLowerCase()
  if (suffix === undefined) return undefined
  return suffix === 'json' ? 'auto' : 'lines'
}
