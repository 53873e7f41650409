// DuckDB's own way to do the race: strict about every field, as the codec is, and into a table with the same key.

const quoted = (text) => `'${text.replaceAll("'", "''")}'`

/** Columns come as JSON, so that "12" is not taken for 12, nor 1.5 for a time. */
const linesOf = (files) => `read_json([${files.map(quoted).join(', ')}], format = 'newline_delimited',
  columns = { s: 'JSON', p: 'JSON', v: 'JSON', t: 'JSON', c: 'JSON' })`

const isTrade = `coalesce(json_type(s) = 'VARCHAR' AND s <> '""'
  AND json_type(p) IN ('DOUBLE', 'UBIGINT') AND p::DOUBLE > 0
  AND json_type(v) IN ('DOUBLE', 'UBIGINT') AND v::DOUBLE > 0
  AND json_type(t) = 'UBIGINT' AND t::BIGINT > 0
  AND json_type(c) = 'ARRAY' AND len(list_filter(json_type(c, '$[*]'), lambda kind: kind <> 'VARCHAR')) = 0, false)`

/** The race's rows, as far as the sink makes them. */
const barsTable = `CREATE TABLE bars (
  w BIGINT NOT NULL, s VARCHAR NOT NULL, o BIGINT NOT NULL, h BIGINT NOT NULL, l BIGINT NOT NULL, c BIGINT NOT NULL,
  v BIGINT NOT NULL, pv BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (w, s))`

/** A symbol and a time occur once, so that least and greatest time need no second order. */
const insertBars = (lines) => `INSERT INTO bars
  SELECT t - t % 5000 AS w, s, arg_min(cents, t), max(cents), min(cents), arg_max(cents, t), sum(v)::BIGINT, sum(cents * v)::BIGINT, count(*)
  FROM (SELECT s ->> '$' AS s, round(p::DOUBLE * 100)::BIGINT AS cents, v::BIGINT AS v, t::BIGINT AS t FROM ${lines})
  GROUP BY ALL`

/** Bars alone: what is no trade is dropped without a word. */
export const barsOnly = (files) => [barsTable, insertBars(`${linesOf(files)} WHERE ${isTrade}`)]

/** Bars, and what is no trade in a table of its own. Reading the files once, with a copy between, costs less than reading them twice. */
export const barsAndRejects = (files) => [
  barsTable,
  'CREATE TABLE rejected (s JSON, p JSON, v JSON, t JSON, c JSON)',
  `CREATE TEMP TABLE lines AS SELECT *, ${isTrade} AS is_trade FROM ${linesOf(files)}`,
  insertBars('lines WHERE is_trade'),
  'INSERT INTO rejected SELECT s, p, v, t, c FROM lines WHERE NOT is_trade',
]
