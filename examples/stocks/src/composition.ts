import 'reflect-metadata'
import { readJournal, runLocal, systemClock, type Clock, type Pipeline } from '@millrace/core'
import { duckdbCheckpoint, queryDuckdb } from '@millrace/sink-duckdb'
import { container, inject, injectable } from 'tsyringe'
import { backfill } from './cli/backfill.js'
import type { Command } from './cli/commands.js'
import { demo } from './cli/demo.js'
import type { ExitCode } from './cli/exit-code.js'
import { journal } from './cli/journal.js'
import { hasKey, live } from './cli/live.js'
import { createOutput, type Output } from './cli/output.js'
import type { Parts, Query } from './cli/parts.js'
import { report } from './cli/report.js'
import { batch, stream, type BatchConfig, type StreamConfig } from './pipeline.js'
import { BATCH, CHECKPOINT, CLOCK, ENV, JOURNAL, OUTPUT, QUERY, RUN, STREAM, VENUE } from './tokens.js'
import { finnhub, simulatedExchange, type OpenVenue } from './venue.js'

/** The commands that work on data. */
export type WorkingCommand = Exclude<Command, { readonly _tag: 'help' | 'version' }>

/** The commands, with everything they need. */
@injectable()
export class Stocks {
  readonly #parts: Parts

  constructor(
    @inject(STREAM) streamPipeline: Pipeline<StreamConfig, 'local'>,
    @inject(BATCH) batchPipeline: Pipeline<BatchConfig, 'local'>,
    @inject(VENUE) openVenue: OpenVenue,
    @inject(RUN) run: typeof runLocal,
    @inject(QUERY) query: Query,
    @inject(CHECKPOINT) checkpoint: typeof duckdbCheckpoint,
    @inject(JOURNAL) journalOf: typeof readJournal,
    @inject(CLOCK) clock: Clock,
    @inject(OUTPUT) output: Output,
    @inject(ENV) env: NodeJS.ProcessEnv,
  ) {
    this.#parts = { stream: streamPipeline, batch: batchPipeline, openVenue, run, query, checkpoint, readJournal: journalOf, clock, output, env }
  }

  run(command: WorkingCommand): Promise<ExitCode> {
    switch (command._tag) {
      case 'demo': return demo(this.#parts, command)
      case 'live': return live(this.#parts, command)
      case 'backfill': return backfill(this.#parts, command)
      case 'report': return report(this.#parts, command)
      case 'journal': return journal(this.#parts, command)
    }
  }
}

/**
 * The composition root: chooses whole pipeline values, what they run on, and whether the demo listens to the real exchange. Parts of a
 * pipeline are never chosen here: its `build` must make the same graph on every worker.
 */
export const compose = (command: WorkingCommand): Stocks => {
  const { env } = process
  const json = 'json' in command && command.json
  return container
    .createChildContainer()
    .register(STREAM, { useValue: stream })
    .register(BATCH, { useValue: batch })
    .register(VENUE, { useValue: hasKey(env) ? finnhub : simulatedExchange })
    .register(RUN, { useValue: runLocal })
    .register(QUERY, { useValue: queryDuckdb })
    .register(CHECKPOINT, { useValue: duckdbCheckpoint })
    .register(JOURNAL, { useValue: readJournal })
    .register(CLOCK, { useValue: systemClock })
    .register(OUTPUT, { useValue: createOutput(process, { json }, env) })
    .register(ENV, { useValue: env })
    .resolve(Stocks)
}
