/**
 * Reads JSON objects from folders (and, later, Cloud Storage buckets) as Millrace sources.
 * @packageDocumentation
 */
export { folder, type FolderOptions } from './folder.js'
export { objects } from './objects.js'
export type { ObjectInfo, ObjectStore } from './object-store.js'
export { ObjectOffset } from './object-offset.js'
export { DEFAULT_MAX_RECORD_BYTES, type ObjectFormat, type ObjectsOptions } from './options.js'
