import { ConnectorError } from '@millrace/core'
import type { ConnectionEnd } from './connection.js'
import type { Settings } from './options.js'

const remedy = ({ key, address }: Settings): string => {
  if (key !== undefined) return `check the key in the environment variable ${key.env}, and start again`
  if (address.secrets.length > 0) return 'check the token in the url, and start again'
  return "no key was given: put it into an environment variable, and give its name: key: secretRef('FINNHUB_API_KEY')"
}

/** The answers that asking again does not change, as errors; undefined for all others. */
export const refusalOf = ({ answer }: ConnectionEnd, settings: Settings): ConnectorError | undefined => {
  if (answer?.status !== 401 && answer?.status !== 403) return undefined
  const code = answer.status === 401 ? 'Unauthenticated' : 'PermissionDenied'
  return new ConnectorError({ _tag: 'Refused', code, message: `${settings.address.shown} refused the connection (HTTP ${answer.status}): ${remedy(settings)}` })
}
