/**
 * What may cross a key, a checkpoint or a worker: by one MessagePack codec, unchanged (NaN, infinities, 2^53 and bytes
 * included; -0 becomes 0). Everything else is refused.
 * @public
 */
export type Data =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Data[]
  | { readonly [key: string]: Data }
