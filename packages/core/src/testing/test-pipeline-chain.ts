import type { DeadLetter } from '../dead-letter/row.js'
import type { TestInput } from './test-pipeline-input.js'
import { callSite, failAt, type CallSite } from './test-pipeline-errors.js'
import { complaintOf, equal, fits, pair, type Matches } from './test-pipeline-matching.js'
import type { TestOutput } from './test-pipeline-ports.js'
import { ledgerComplaint, shownLedger } from './test-pipeline-ledger.js'
import { named, type TestRun } from './test-pipeline-run.js'
import type { PipelineTest } from './test-pipeline-steps.js'

type Method = (...args: never[]) => unknown

/** What a test expects of one place where rows come out. */
interface Expectation {
  readonly output: () => TestOutput
  readonly expected: readonly unknown[]
  readonly matches: Matches
}

/** The steps of a test, one after the other. */
export class PipelineTestChain implements PipelineTest {
  #last: Promise<void> = Promise.resolve()
  readonly #run: TestRun

  constructor(run: TestRun) {
    this.#run = run
  }

  // oxlint-disable-next-line unicorn/no-thenable -- because a chain of steps is there to be awaited
  then: PipelineTest['then'] = (fulfilled, rejected) => this.#last.then(fulfilled, rejected)

  send: PipelineTest['send'] = (read, values, options = {}) => {
    // The step is taken later, and the array is the test's.
    const given = values.slice()
    return this.#move(`send('${read}', …)`, this.send, () => this.#input(read).send(given, this.#run.clock.now(), options))
  }

  gap: PipelineTest['gap'] = (read, gap) => this.#move(`gap('${read}', …)`, this.gap, () => this.#input(read).gap(gap))

  advanceWatermark: PipelineTest['advanceWatermark'] = (toMillis, read) =>
    this.#move(`advanceWatermark(${toMillis})`, this.advanceWatermark, () => {
      const inputs = read === undefined ? [...this.#run.ports.inputs.values()] : [this.#input(read)]
      for (const input of inputs) input.checkWatermark(toMillis)
      for (const input of inputs) input.advanceWatermark(toMillis)
    })

  advanceClock: PipelineTest['advanceClock'] = (byMillis) => this.#move(`advanceClock(${byMillis})`, this.advanceClock, () => this.#run.clock.advance(byMillis))

  expect: PipelineTest['expect'] = (write, rows) =>
    this.#expect(this.expect, { output: () => this.#output(write), expected: rows, matches: equal })

  expectDeadLetters: PipelineTest['expectDeadLetters'] = (letters) =>
    this.#expect(this.expectDeadLetters, { output: () => this.#run.ports.deadLetters, expected: letters, matches: fits })

  expectGaps: PipelineTest['expectGaps'] = (gaps) => this.#expect(this.expectGaps, { output: () => this.#gaps, expected: gaps, matches: fits })

  expectNothingElse: PipelineTest['expectNothingElse'] = () =>
    this.#step(this.expectNothingElse, async (site) => {
      await this.#run.rest()
      const { writes, deadLetters, gaps } = this.#run.ports
      const complaints = [...writes.values(), deadLetters, ...(gaps ? [gaps] : [])].flatMap(({ name, since }) => complaintOf(name, { missing: [], unexpected: since }) ?? [])
      if (complaints.length > 0) throw failAt(site, ['testPipeline: something else has come', ...complaints].join('\n'))
    })

  expectLedgerBalanced: PipelineTest['expectLedgerBalanced'] = () =>
    this.#step(this.expectLedgerBalanced, async (site) => {
      await this.#run.rest()
      const complaint = ledgerComplaint(this.#run.ledger, this.#run.counts)
      if (complaint !== undefined) throw failAt(site, `testPipeline: the ledger of pipeline '${this.#run.name}' does not balance: ${complaint}\n${shownLedger(this.#run.ledger)}`)
    })

  end: PipelineTest['end'] = () =>
    this.#step(this.end, async (site) => {
      if (this.#run.ended) throw failAt(site, `testPipeline: pipeline '${this.#run.name}' was ended before`)
      if (!(await this.#run.end())) throw failAt(site, `testPipeline: pipeline '${this.#run.name}' does not come to its end: ${this.#run.busy}`)
    })

  // as: what the test says that it writes
  rows: PipelineTest['rows'] = <A>(write: string) => this.#look(this.rows, () => this.#output(write).values) as Promise<readonly A[]>

  // as: that is what is written there
  deadLetters: PipelineTest['deadLetters'] = () => this.#look(this.deadLetters, () => this.#run.ports.deadLetters.values) as Promise<readonly DeadLetter[]>

  #input(read: string): TestInput {
    return named(this.#run.ports.inputs, read, 'read', this.#run.name)
  }

  #output(write: string): TestOutput {
    return named(this.#run.ports.writes, write, 'write', this.#run.name)
  }

  get #gaps(): TestOutput {
    const { gaps } = this.#run.ports
    if (gaps === undefined) throw new TypeError(`testPipeline: pipeline '${this.#run.name}' has no place for gaps: give definePipeline the option gaps`)
    return gaps
  }

  /** What fails ends the run, and points at the test's own line. */
  #step(method: Method, take: (site: CallSite) => Promise<void>): PipelineTest {
    const site = callSite(method)
    this.#last = this.#last.then(async () => {
      try {
        await take(site)
      } catch (error) {
        await this.#run.cancel()
        throw error
      }
    })
    return this
  }

  #move(what: string, method: Method, act: () => void | Promise<void>): PipelineTest {
    return this.#step(method, async (site) => {
      if (this.#run.ended) throw failAt(site, `testPipeline: ${what} comes after the end of pipeline '${this.#run.name}': put it before end()`)
      try {
        await act()
      } catch (error) {
        throw failAt(site, error instanceof Error ? error.message : String(error))
      }
      await this.#run.settle()
    })
  }

  #expect(method: Method, { output, expected, matches }: Expectation): PipelineTest {
    return this.#step(method, async (site) => {
      const from = this.#found(site, output)
      // Nothing is there at once: what still comes shows only when the pipeline has come to rest.
      if (expected.length === 0) await this.#run.rest()
      let came: readonly unknown[] = []
      const complaint = await this.#run.until(() => {
        came = from.since
        return complaintOf(from.name, pair(came, expected, matches), matches)
      })
      if (complaint !== undefined) throw failAt(site, [`testPipeline: ${complaint}`, ...this.#hints(from)].join('\n'), came, expected)
      from.expected += came.length
    })
  }

  #found(site: CallSite, output: () => TestOutput): TestOutput {
    try {
      return output()
    } catch (error) {
      throw failAt(site, error instanceof Error ? error.message : String(error))
    }
  }

  #look(method: Method, read: () => readonly unknown[]): Promise<readonly unknown[]> {
    let seen: readonly unknown[] = []
    const step = this.#step(method, async () => {
      await this.#run.rest()
      seen = read().slice()
    })
    return Promise.resolve(step).then(() => seen)
  }

  /** Why what was expected may not have come. */
  #hints(from: TestOutput): readonly string[] {
    const { ports, ledger, ended, isAtRest, busy } = this.#run
    const letters = from === ports.deadLetters ? [] : ports.deadLetters.since
    const fields = letters.slice(0, 3).map((letter) => {
      const { stage, error_message } = letter as DeadLetter // as: that is what is written there
      return `  dead letter of '${stage}': ${error_message}`
    })
    return [
      ...(isAtRest ? [] : [`  the pipeline is still at work: ${busy}`]),
      ...(letters.length === 0 ? [] : [`  there are ${letters.length} dead letters that were not expected yet`, ...fields]),
      ...(ended || ledger.aggregated === 0 ? [] : ['  what is in open windows comes when the watermark passes their end: advanceWatermark(…) or end()']),
    ]
  }
}
