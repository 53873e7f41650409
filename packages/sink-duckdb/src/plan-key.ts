/** Names a sink across pipelines. */
export const planKey = (pipeline: string, sink: string): string => JSON.stringify([pipeline, sink])

/** The pipelines of such names. */
export const pipelinesOf = (keys: Iterable<string>): readonly string[] =>
  // As `planKey` makes them.
  [...new Set([...keys].map((key) => (JSON.parse(key) as readonly [string, string])[0]))]
