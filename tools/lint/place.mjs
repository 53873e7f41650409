/**
 * Where a file stands in the checkout: `{ group: 'packages', name: 'core', part: 'src', inside: 'time/system.ts' }`, or
 * `undefined` outside of packages and examples. The last match counts, so that fixtures can imitate the tree.
 * @param {string} filename absolute
 */
export const placeOf = (filename) => {
  const found = /^.*(?:^|\/)(packages|examples)\/([^/]+)\/(src|test)\/(.+)$/.exec(filename.replaceAll('\\', '/'))
  if (found === null) return undefined
  const [, group, name, part, inside] = found
  return { group, name, part, inside }
}

/** Code that others will run: no clock, console or cast without a reason there. */
export const isLibrary = (place) => place?.group === 'packages' && place.part === 'src'
