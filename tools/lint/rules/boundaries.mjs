import { posix } from 'node:path'
import { placeOf } from '../place.mjs'

const OPEN_ENTRIES = new Set(['testing', 'di', 'package.json'])
const CONTAINER = /^(tsyringe|reflect-metadata)(\/|$)/
const COMPOSITION = /(^|\/)(di|tokens|main|composition[^/]*)\.ts$|(^|\/)composition\//

/** What the reference interpreter is held against: it would agree with itself. */
const RUNTIME = /^(local|delivery|codec)\/|^time\/partition-watermark/

const relativeComplaint = (place, specifier) => {
  const target = posix.normalize(posix.join(posix.dirname(place.inside), specifier))
  if (target.startsWith('..')) return `leaves ${place.group}/${place.name}/${place.part}: import a package by its name, your own src in tests as #src/…`
  const isReference = place.name === 'core' && place.inside.startsWith('testing/reference')
  if (isReference && RUNTIME.test(target)) return 'the reference interpreter imports nothing of the runtime that it judges'
  const intoTesting = place.name === 'core' && place.part === 'src' && target.startsWith('testing/')
  return intoTesting && !place.inside.startsWith('testing/') ? 'production code does not import testing code' : undefined
}

const millraceComplaint = (place, name, entry) => {
  if (entry !== undefined && !OPEN_ENTRIES.has(entry)) return `@millrace/${name}/${entry} is internal: use what the package exports`
  if (place.group === 'examples') return undefined
  if (name === place.name) return place.part === 'src' ? 'a package does not import itself by name' : undefined
  if (place.name === 'core' || name !== 'core') return 'core imports no other package of this repository, and every other one imports only core'
  return entry === 'testing' && place.part === 'src' && !place.inside.startsWith('testing/') ? 'production code does not import testing code' : undefined
}

/** @returns {string | undefined} why `specifier` may not be imported at `place` */
export const boundaryComplaint = (place, specifier) => {
  if (/^fp-ts(\/|$)/.test(specifier) && !/^fp-ts\/lib\/.+\.js$/.test(specifier)) return 'write fp-ts/lib/X.js: every other form passes tsc and dies in Node'
  if (CONTAINER.test(specifier) && !COMPOSITION.test(place.inside)) return 'the container stays at the edges: di.ts, tokens.ts, main.ts, composition*.ts'
  if (specifier.startsWith('.')) return relativeComplaint(place, specifier)
  const ours = /^@millrace\/([^/]+)(?:\/(.+))?$/.exec(specifier)
  return ours === null ? undefined : millraceComplaint(place, ours[1], ours[2])
}

/** Packages see of each other only what they export, and only in the allowed direction. */
export const boundaries = {
  meta: { type: 'problem' },
  create(context) {
    const place = placeOf(context.filename)
    if (place === undefined) return {}
    const check = (node) => {
      if (node.source?.type !== 'Literal' || typeof node.source.value !== 'string') return
      const complaint = boundaryComplaint(place, node.source.value)
      if (complaint !== undefined) context.report({ node: node.source, message: `${node.source.value}: ${complaint}` })
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check, TSImportType: check }
  },
}
