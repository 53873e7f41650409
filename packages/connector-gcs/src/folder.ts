import type { Source } from '@millrace/core'
import { FolderStore } from './folder/folder-store.js'
import type { ObjectOffset } from './object-offset.js'
import { objectSource } from './objects.js'
import { checkOptions, type ObjectsOptions } from './options.js'

/** Options of {@link folder}. @public */
export interface FolderOptions extends ObjectsOptions {
  /**
   * Files and folders, relative to the working directory or absolute. Folders are read recursively, through symbolic links:
   * `.json`, `.ndjson` and `.jsonl`, each also with `.gz` behind it (upper case too); other files in them are named in a
   * warning. A file that is named here itself is read whatever its suffix. A file that is reached twice is read once.
   */
  readonly paths: string | readonly string[]
}

/**
 * Reads JSON files and folders: one partition a file, named by its real path, in the order of these names. How objects
 * become records: see {@link objects}.
 *
 * A missing path and folders without anything to read are errors (`NotFound`), as are files that may not be read
 * (`PermissionDenied`) or that change while they are read (`FailedPrecondition`); each names the path.
 * @throws TypeError at once, where an option is wrong
 *
 * @example
 * ```ts
 * const trades = folder({ paths: ['data/2024', 'more.ndjson.gz'] })
 * ```
 * @public
 */
export const folder = (options: FolderOptions): Source<Uint8Array, ObjectOffset, 'local'> => {
  const { paths, ...rest } = options
  const list = typeof paths === 'string' ? [paths] : [...paths]
  if (list.length === 0) throw new TypeError('paths is empty: name at least one file or folder')
  if (list.includes('')) throw new TypeError('paths holds an empty path: use "." for the working directory')
  return objectSource(new FolderStore(list), checkOptions(rest, 'folder'))
}
