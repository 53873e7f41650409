import * as t from 'io-ts'
import { ConnectorError } from './failure.js'

/** The name of a secret, to be put into a config in its place: what a config holds is stored, sent and shown. @public */
export const SecretRef = t.type({ env: t.string }, 'SecretRef')
/** @see {@link SecretRef} */
export type SecretRef = t.TypeOf<typeof SecretRef>

/** A secret in an environment variable, which is read when a connector connects, wherever it runs. @public */
export const secretRef = (env: string): SecretRef => ({ env })

/**
 * The secret itself: for connectors, at the moment they need it, never to be kept in what can be printed.
 * @throws ConnectorError (`Unauthenticated`) naming the variable, if it is not set or empty
 * @public
 */
export const resolveSecret = ({ env }: SecretRef, environment: Readonly<Record<string, string | undefined>> = process.env): string => {
  const secret = environment[env]
  if (secret !== undefined && secret !== '') return secret
  throw new ConnectorError({ _tag: 'Secret', code: 'Unauthenticated', message: `the environment variable ${env} is not set: put the secret there and start again` })
}
