import type { CommandName } from './commands.js'

const GENERAL = `stocks: trades in files become 5-second bars in a DuckDB file

Usage
  npm run stocks -- COMMAND [OPTIONS]

Commands
  demo       Invent a day of trades, backfill it, and show what came of it.
             (npm start)
  backfill   Read files of trades into bars. Exact: no trade lost, none counted
             twice, whatever interrupts it.
  report     Show what a DuckDB file holds: bars, and what could not be used,
             by reason.

  help COMMAND, COMMAND --help   What a command does, with examples.
  --version                      The version.

Try
  npm run stocks -- demo
  npm run stocks -- report --db demo/stocks.duckdb --symbol AAPL

Exit codes
  0  done; elements that could not be used are in the table dead_letters
  1  failed          2  the command line makes no sense
  3  refused: it would have harmed what is there; the message says what to do
  130, 143  stopped by Ctrl-C or SIGTERM; the same command resumes
`

const BACKFILL = `stocks backfill: read files of trades into 5-second bars

Usage
  npm run stocks -- backfill PATH... --db FILE [--replace] [--json]
                             [--format auto|lines|array|document]

  PATH         A file, or a folder (with all folders below it): .json, .ndjson
               and .jsonl, each also gzipped: the first bytes show that.
  --db FILE    The DuckDB file. Made if there is none; its folder must exist.
  --format auto|lines|array|document
               How files are cut, whatever their names: lines (one trade a
               line), array (one JSON array of trades), document (one trade in
               the file); auto, as without it: .ndjson and .jsonl are lines,
               .json is decided by its content.
  --replace    Allow files that belong together with an earlier run of other
               files: what the overlapping runs wrote is deleted, exactly the
               files given are read, and those that thereby drop out are named.
  --json       Print the outcome as the last line of stdout; all else goes to
               stderr.

A trade
  {"s":"AAPL","p":222.77,"v":100,"t":1726147800044,"c":["1"]}
  symbol, price, volume, Unix milliseconds, condition codes (may be missing).
  What is no trade becomes a row of dead_letters, with the reason and the
  original. Volume 0 is a price update: counted as filtered.

Run it again
  The same files again change nothing. Interrupted (Ctrl-C, kill -9, power): the
  same command resumes where the last checkpoint was. Other files that touch a
  bar that is already there are refused, because a bar of half its trades would
  be wrong.

Examples
  npm run stocks -- backfill trades/ --db bars.duckdb
  npm run stocks -- backfill monday.ndjson.gz tuesday.json --db bars.duckdb
  npm run stocks -- backfill trades/ --db bars.duckdb --replace
  npm run --silent stocks -- backfill trades/ --db bars.duckdb --json | tail -n1

The JSON
  {"total":{...},"thisRun":{...}}: total since the run began, over all crashes;
  thisRun what this process committed. Each: read, made, expanded, filtered,
  deduplicated, aggregated, delivered (by sink), deadLettered, inFlight,
  unaccounted, bars, deadLetters. unaccounted is 0, or something was lost.
`

const REPORT = `stocks report: show what a DuckDB file holds

Usage
  npm run stocks -- report --db FILE [--symbol S] [--json]

  --db FILE     The DuckDB file of a backfill. It is only read.
  --symbol S    Only this symbol's bars.
  --json        The same as one JSON document, in one line.

Symbols come by turnover (volume times vwap), the largest first; the JSON has
all of them. A narrow terminal gets fewer columns and shorter messages.

After an interrupted backfill the first line says Unfinished: what follows is a
part only. In the JSON, unfinished is null, or has startedAtMillis and files.

Examples
  npm run stocks -- report --db demo/stocks.duckdb
  npm run stocks -- report --db demo/stocks.duckdb --symbol AAPL
  npm run --silent stocks -- report --db demo/stocks.duckdb --json
`

const DEMO = `stocks demo: invent a day of trades, backfill it, show what came of it

Usage
  npm run stocks -- demo [--trades N] [--seed N] [--directory DIR]

  --trades N        About how many trades; 250000 unless given (10 MB, a few
                    seconds).
  --seed N          Another seed, another day; 1 unless given.
  --directory DIR   Where files and bars go; demo unless given. What an earlier
                    demo left there is removed, and nothing else.

Needs no account, no key, no network. The trades are invented: 20 symbols over a
trading day, with everything among them that goes wrong in practice.

Examples
  npm start
  npm run stocks -- demo --seed 7
  npm run stocks -- demo --trades 5000000    (some 205 MB: time to press Ctrl-C)
`

const TOPICS: Readonly<Record<CommandName, string>> = { backfill: BACKFILL, report: REPORT, demo: DEMO }

/** The help of a command, or of all. */
export const helpOf = (topic: CommandName | undefined): string => (topic === undefined ? GENERAL : TOPICS[topic])
