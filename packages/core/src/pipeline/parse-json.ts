import type { Traits } from '../traits.js'
import type { Ingest } from './handles.js'

/**
 * A stage that reads each record's bytes as one JSON text (RFC 8259, UTF-8). Duplicate keys: the last wins. What does not
 * parse becomes a dead letter. Neighbouring small records are parsed in one call where that is exact.
 * @param name - the stage's name, for a pipeline with several
 * @public
 */
export const jsonParser =
  (name: string) =>
  <T extends Traits>(bytes: Ingest<Uint8Array, T>): Ingest<unknown, T> =>
    // as: the handle behind every Ingest has `parse`, kept off the interface because only bytes can be parsed
    (bytes as Ingest<Uint8Array, T> & { parse(name: string): Ingest<unknown, T> }).parse(name)

/** `jsonParser` under the name 'parse json'. @public */
export const parseJson = jsonParser('parse json')
