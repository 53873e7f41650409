import type { CommandName } from './commands.js'

const GENERAL = `stocks: trades become 5-second bars in a DuckDB file, live and from files

Usage
  npm run stocks -- COMMAND [OPTIONS]

Commands
  demo       Both lanes at once, without a key: an exchange that streams, and a
             day of files that is backfilled meanwhile. (npm start)
  live       Trades from Finnhub, or another exchange that speaks its protocol,
             as they happen. Exact: what was received is in a bar or a dead
             letter, whatever interrupts it.
  backfill   Read files of trades into bars. Exact: no trade lost, none counted
             twice, whatever interrupts it.
  report     Show what a DuckDB file holds: bars, gaps, and what could not be
             used, by reason. Also while live runs.
  journal    Print what live received, as it came.

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

const LIVE = `stocks live: trades become 5-second bars as they happen

Usage
  npm run stocks -- live --symbols A,B --db FILE [--url URL] [--until-closed]
                         [--backfill PATH...] [--journal DIR] [--keep-journal]
                         [--json]

  --symbols A,B    What to listen to, separated by commas: AAPL,BINANCE:BTCUSDT
  --db FILE        The DuckDB file. Made if it is not there; its folder must be.
  --url URL        Another exchange than Finnhub: ws://HOST:PORT. Needs no key;
                   one that is set is sent there.
  --until-closed   A normal close by the exchange (1000) ends it: all windows
                   fire, exit code 0. Without it, any close is reconnected.
  --backfill PATH  A file or folder of trades, read at the same time into the
                   same file. Several: --backfill A B, or the option again.
  --journal DIR    Where what is received is kept until it is safely in FILE;
                   FILE.journal unless given.
  --keep-journal   Keep it for good.
  --json           Print the outcome as the last line of stdout; all else goes
                   to stderr.

The key
  In the environment variable FINNHUB_API_KEY; it is free at
  https://finnhub.io/register, and never shown. One connection at a time per
  key: Finnhub drops both otherwise.

Stop and go on
  Ctrl-C or SIGTERM stops at a checkpoint, within 10 seconds; a second one ends
  it there and then. Either way, and after kill -9, the same command goes on:
  what is in the journal is not lost, and counts once. What the exchange sent
  meanwhile is: that is a row of the table gaps, and bars over it are not
  complete. After --until-closed has ended, windows are closed for good, and the
  file takes no more of that lane.

Examples
  npm run stocks -- live --symbols AAPL,MSFT --db bars.duckdb
  npm run stocks -- live --symbols AAPL --db bars.duckdb --backfill monday/
  npm run stocks -- live --symbols AAPL --db b.duckdb --url ws://127.0.0.1:9000
  npm run stocks -- report --db bars.duckdb        (meanwhile)

The JSON
  {"stream":{"total":{...},"thisRun":{...},"outcome":"finished"},"batch":{...}}
  outcome: finished, stopped (the same command goes on), alreadyDone (files).
  The figures are those of backfill --json; read counts frames. batch only with
  --backfill; a lane that had to be cancelled is null.
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

  --db FILE     The DuckDB file of live or of a backfill. It is only read, also
                while they run.
  --symbol S    Only this symbol's bars.
  --json        The same as one JSON document, in one line.

Symbols come by turnover (volume times vwap), the largest first; the JSON has
all of them. A narrow terminal gets fewer columns and shorter messages. Where
both lanes have a bar, the complete one counts, then the one from files.

After an interrupted backfill the first line says Unfinished: what follows is a
part only. In the JSON, unfinished is null, or has startedAtMillis and files.

Examples
  npm run stocks -- report --db demo/stocks.duckdb
  npm run stocks -- report --db demo/stocks.duckdb --symbol AAPL
  npm run --silent stocks -- report --db demo/stocks.duckdb --json
`

const JOURNAL = `stocks journal: print what live received, as it came

Usage
  npm run stocks -- journal DIR [--frames]

  DIR        The folder of the journal: FILE.journal beside the --db FILE of
             live, unless --journal named another. Only read, also while live
             runs.
  --frames   Only the text of the frames, one a line. Those that cannot be a
             line (empty, no text, of several lines) are left out, and counted
             on stderr.

One JSON document a line
  {"record":7,"receivedAtMillis":1726147800044,"frame":"{\\"type\\":\\"ping\\"}"}
  {"record":8,"receivedAtMillis":1726147800051,"frameBase64":"iVBORw0K"}
  {"record":9,"gap":{"fromMillis":...,"toMillis":...,"reason":"..."}}
  {"record":10,"silentMillis":12250}
  frameBase64: the message was binary, or is no UTF-8. gap: nothing was heard in
  that time, right before the next record. silentMillis: it was listened to and
  nothing came for so long; a window closed on it.

A journal is trimmed once its records are safely in the DuckDB file, in pieces
of some megabytes; live --keep-journal keeps it whole.

Examples
  npm run --silent stocks -- journal bars.duckdb.journal | head
  npm run --silent stocks -- journal b.duckdb.journal --frames > frames.ndjson
`

const DEMO = `stocks demo: both lanes at once, and what came of it

Usage
  npm run stocks -- demo [--seconds N] [--trades N] [--seed N] [--directory DIR]

  --seconds N       How long it streams; 30 unless given, in a terminal until
                    Ctrl-C.
  --trades N        About how many trades are in the files; 250000 unless given
                    (10 MB, a few seconds).
  --seed N          Another seed, another day; 1 unless given.
  --directory DIR   Where files and bars go; demo unless given. What an earlier
                    demo left there is removed, and nothing else.

Needs no account, no key, no network: the exchange is simulated in this process,
and streams over a real websocket on this machine, with bad data and a
connection that drops. The files are invented: 20 symbols over a trading day,
with everything among them that goes wrong in practice. With a key in
FINNHUB_API_KEY the live lane listens to Finnhub.

Examples
  npm start
  npm run stocks -- demo --seed 7 --seconds 60
  npm run stocks -- demo --trades 5000000    (some 205 MB: time to watch both)
`

const TOPICS: Readonly<Record<CommandName, string>> = { demo: DEMO, live: LIVE, backfill: BACKFILL, report: REPORT, journal: JOURNAL }

/** The help of a command, or of all. */
export const helpOf = (topic: CommandName | undefined): string => (topic === undefined ? GENERAL : TOPICS[topic])
