const MACHINE_PATH = /(?<![\w./-])(\/(?:home|Users|root)\/|[A-Z]:\\Users\\)/
const REMOTE = /"resolved": "[a-z+]+:/

/**
 * What is wrong with a text file of the checkout, whatever its language.
 * @param {string} path from the root of the checkout
 * @param {string} text
 * @returns {readonly string[]} `path:line what`
 */
export const textComplaints = (path, text) =>
  text.split('\n').flatMap((line, index) => [
    ...(MACHINE_PATH.test(line) ? [`${path}:${index + 1} names a path of one machine`] : []),
    ...(path.endsWith('package-lock.json') && REMOTE.test(line) ? [`${path}:${index + 1} names a registry host (omit-lockfile-registry-resolved in .npmrc leaves it out)`] : []),
  ])
