// Named mutants of the runtime: one wrong line each, in what core is built to (packages/core/dist), that the equivalence
// suite must catch by itself. `find` occurs exactly once in `file`; one that does not apply any more is an error, so that a
// mutant follows the code it mutates.

/** @typedef {{ readonly name: string, readonly file: string, readonly find: string, readonly replace: string }} Mutant */

/** @type {readonly Mutant[]} */
export const mutants = [
  {
    name: "a time on the window's end falls into the window",
    file: 'local/operators/aggregate.js',
    find: 'if (!(time >= start && time < end))',
    replace: 'if (!(time >= start && time <= end))',
  },
  {
    name: 'windows before 1970 are cut towards 0',
    file: 'time/window.js',
    find: '(past < 0 ? past + sizeMillis : past)',
    replace: 'past',
  },
  {
    name: 'lateness off by one',
    file: 'local/operators/aggregate.js',
    find: 'if (end + this.#lateness <= born',
    replace: 'if (end + this.#lateness < born',
  },
  {
    name: 'allowed lateness is ignored',
    file: 'local/operators/aggregate.js',
    find: 'if (end + this.#lateness <= born',
    replace: 'if (end <= born',
  },
  {
    name: 'ties are broken the wrong way around',
    file: 'combine/kept.js',
    find: 'return origin.partition < acc.partition ? -1 : 1',
    replace: 'return origin.partition < acc.partition ? 1 : -1',
  },
  {
    name: 'positions are compared as text',
    file: 'envelope.js',
    find: 'return a < b ? -1 : a > b ? 1 : 0',
    replace: 'return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0',
  },
  {
    name: 'the watermark moves inside a record',
    file: 'local/operators/event-time.js',
    find: 'if (next !== row)',
    replace: 'if (true)',
  },
  {
    name: 'the watermark of a stage is that of its latest partition',
    file: 'local/operators/event-time.js',
    find: 'if (millis < least)',
    replace: 'if (least === Infinity || millis > least)',
  },
  {
    name: 'what was received when is ignored in plausibility',
    file: 'local/operators/event-time.js',
    find: 'latest = records.receivedAt(row) + maxAheadMillis',
    replace: 'latest = 0 + maxAheadMillis',
  },
  {
    name: 'a jump in between does not reset the count of confirmations',
    file: 'time/partition-watermark.js',
    find: `else {
            this.#jumpCount = 0;`,
    replace: 'else {',
  },
  {
    name: 'a confirmed jump is believed as its greatest, not its least',
    file: 'time/partition-watermark.js',
    find: 'this.#max = this.#jumpLeast',
    replace: 'this.#max = this.#jumpGreatest',
  },
  {
    name: 'the jump guard is not in the checkpoint',
    file: 'time/partition-watermark.js',
    find: 'this.#jumpCount = state.jumpCount;',
    replace: '',
  },
  {
    name: 'a floor holds for its own batch',
    file: 'local/inputs.js',
    find: 'operator.read(name, batch);',
    replace: `if (batch.floorMillis !== undefined) for (const e of eventTimes) e.open(name).raiseFloor(batch.floorMillis);
            operator.read(name, batch);`,
  },
  {
    name: 'the watermark behind an aggregate does not wait for late windows',
    file: 'local/operators/aggregate.js',
    find: 'Math.floor(this.#watermark - this.#lateness)',
    replace: 'this.#watermark',
  },
  {
    name: 'the watermark overtakes elements in mapAsync',
    file: 'local/operators/map-async.js',
    find: 'if (this.#line.length === 0)',
    replace: 'if (true)',
  },
  {
    name: 'a changed window is saved only once',
    file: 'local/cell-table.js',
    find: `this.#isChanged[row] = 0;
            rows.push(row);`,
    replace: 'rows.push(row);',
  },
  {
    name: 'a cell begins with what its row was used for before',
    file: 'local/cell-table.js',
    find: 'this.#accumulators.create(row);',
    replace: '',
  },
  {
    name: 'a closed cell leaves behind what did not fit into numbers',
    file: 'local/accumulators.js',
    find: 'odd.delete(at)',
    replace: 'void at',
  },
  {
    name: 'windows that closed come back with a restore',
    file: 'local/operators/aggregate.js',
    find: 'for (const start of closed)',
    replace: 'for (const start of [])',
  },
  {
    name: 'an epoch that was durable is not committed by recovery',
    file: 'local/committer.js',
    find: 'await commitAll(this.ports, header.epoch, header.tokens);',
    replace: '',
  },
  {
    name: 'an epoch number is used again after a restart',
    file: 'local/committer.js',
    find: 'this.#epoch = header.epoch;',
    replace: 'this.#epoch = header.epoch - 1;',
  },
  {
    name: 'offsets are one batch ahead of what was processed',
    file: 'local/progress.js',
    find: 'entry.offset = this.read.stage.source.offset.encode(offset)',
    replace: 'entry.offset = this.read.stage.source.offset.encode(offset + 1)',
  },
  {
    name: 'draining drops the batches still queued',
    file: 'local/inputs.js',
    find: "this.#ending.signal.reason === 'stop' && source",
    replace: 'this.#ending.signal.aborted && source',
  },
  {
    name: 'a batch that an error interrupted is read again',
    file: 'local/intake.js',
    find: 'resumeFrom = batch.offset;',
    replace: '',
  },
  {
    name: 'sums are added naively',
    file: 'combine/exact-sum.js',
    find: 'if (lo - (t - c) + (error - c) !== 0)',
    replace: 'sum.hi = s; if (s === s) return sum; if (lo - (t - c) + (error - c) !== 0)',
  },
  {
    name: 'sums in columns are added naively',
    file: 'combine/exact-sum-column.js',
    find: 'if (lo - (t - c) + (error - c) !== 0)',
    replace: 'if (s !== s)',
  },
  {
    name: 'what is kept in columns is of the first partition',
    file: 'combine/kept-column.js',
    find: 'slab.numberOf(partition)',
    replace: 'Math.min(0, slab.numberOf(partition))',
  },
  {
    name: 'merging means loses a count',
    file: 'combine/mean.js',
    find: 'a.count += b.count;',
    replace: '',
  },
  {
    name: 'the path of an outer flatMap is lost in the inner one',
    file: 'local/operators/flat-map.js',
    find: 'paths: [...carried.paths, indexes]',
    replace: 'paths: [indexes]',
  },
  {
    name: 'a filter keeps one too many before the first it drops',
    file: 'local/operators/filter.js',
    find: `kept ??= upTo(i);
                        this.counts.filtered++;`,
    replace: `kept ??= upTo(i + 1);
                        this.counts.filtered++;`,
  },
  {
    name: 'a joint parse does not count what it got',
    file: 'local/operators/parse.js',
    find: 'if (values.length !== count)',
    replace: 'if (false)',
  },
  {
    name: 'a joint parse ends with a record that may not be joined',
    file: 'local/operators/parse.js',
    find: '&& joinable[rowOf(elements, end)] === 1 ',
    replace: '',
  },
  {
    name: 'the last branch gets nothing',
    file: 'local/operator.js',
    find: 'for (let i = 0; i < this.outputs.length; i++)',
    replace: 'for (let i = 0; i < Math.max(1, this.outputs.length - 1); i++)',
  },
  {
    name: 'a copy for a branch is not counted',
    file: 'local/operator.js',
    find: 'this.counts.made += length * (this.outputs.length - 1);',
    replace: '',
  },
  {
    name: 'what a sink rejects vanishes',
    file: 'local/epoch.js',
    find: 'operator.rejectRow(index, failure, attempt)',
    replace: 'void [index, failure, attempt]',
  },
  {
    name: 'the ledger begins anew after a restart',
    file: 'local/committer.js',
    find: 'restoreCounters(compiled, inputs.intakes, this.#edges, header.counters);',
    replace: '',
  },
  {
    name: 'what waits in a window is not in the checkpoint',
    file: 'local/operators/aggregate.js',
    find: 'cells: this.#table.saved(live),',
    replace: 'cells: [],',
  },
  {
    name: 'the rows of one record share their id',
    file: 'local/operators/write.js',
    find: 'partsJson(view.path)',
    replace: "'[]'",
  },
  {
    name: 'the elements of one record share their dead letter',
    file: 'local/dead-letter-row.js',
    find: 'ids.of(source, partition, position, path)',
    replace: 'ids.of(source, partition, position, [])',
  },
  {
    name: 'a record does not end the silence before it',
    file: 'time/partition-watermark.js',
    find: 'this.#silentMillis = 0;\n        this.#last',
    replace: 'this.#last',
  },
  {
    name: 'silence before records that come to nothing is forgotten',
    file: 'local/operators/event-time.js',
    find: 'this.#hearUpTo(this.#current, this.#silences.length)',
    replace: 'void 0',
  },
  {
    name: 'a gap does not show',
    file: 'local/operators/event-time.js',
    find: 'if (hasGap)',
    replace: 'if (false)',
  },
  {
    name: 'a gap ends before the first record behind it',
    file: 'time/coverage.js',
    find: 'to >= startMillis',
    replace: 'to > endMillis',
  },
  {
    name: 'gaps are forgotten before the windows over them have fired',
    file: 'local/operators/event-time.js',
    find: 'coverage.forget(this.#sent - this.windowMillis)',
    replace: 'coverage.forget(least)',
  },
  {
    name: 'gaps are not in the checkpoint',
    file: 'time/partition-watermark.js',
    find: 'this.coverage.restore(state.coverage)',
    replace: 'void 0',
  },
]
