const FLOOR = [20, 19]

/** What to tell someone whose Node is too old, or `undefined`. @param {string} version as `process.versions.node` */
export const complaintAboutNode = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return undefined
  return `Millrace needs Node ${FLOOR.join('.')} or newer; this is Node ${version}. Install a newer one (https://nodejs.org) and run the same command again.`
}
