import 'reflect-metadata'
import { runLocal, systemClock, type Clock, type Pipeline } from '@millrace/core'
import { duckdbCheckpoint, queryDuckdb } from '@millrace/sink-duckdb'
import { container, inject, injectable } from 'tsyringe'
import { backfill } from './cli/backfill.js'
import type { Command } from './cli/commands.js'
import { demo } from './cli/demo.js'
import type { ExitCode } from './cli/exit-code.js'
import { createOutput, type Output } from './cli/output.js'
import type { Parts, Query } from './cli/parts.js'
import { report } from './cli/report.js'
import { batch, type BatchConfig } from './pipeline.js'
import { BATCH, CHECKPOINT, CLOCK, OUTPUT, QUERY, RUN } from './tokens.js'

/** The commands that work on data. */
export type WorkingCommand = Extract<Command, { readonly _tag: 'demo' | 'backfill' | 'report' }>

/** The commands, with everything they need. */
@injectable()
export class Stocks {
  readonly #parts: Parts

  constructor(
    @inject(BATCH) batchPipeline: Pipeline<BatchConfig, 'local'>,
    @inject(RUN) run: typeof runLocal,
    @inject(QUERY) query: Query,
    @inject(CHECKPOINT) checkpoint: typeof duckdbCheckpoint,
    @inject(CLOCK) clock: Clock,
    @inject(OUTPUT) output: Output,
  ) {
    this.#parts = { batch: batchPipeline, run, query, checkpoint, clock, output }
  }

  run(command: WorkingCommand): Promise<ExitCode> {
    switch (command._tag) {
      case 'demo': return demo(this.#parts, command)
      case 'backfill': return backfill(this.#parts, command)
      case 'report': return report(this.#parts, command)
    }
  }
}

/**
 * The composition root: chooses whole pipeline values, and what they run on. Parts of a pipeline are never chosen here:
 * its `build` must make the same graph on every worker.
 */
export const compose = (command: WorkingCommand): Stocks => {
  const json = 'json' in command && command.json
  return container
    .createChildContainer()
    .register(BATCH, { useValue: batch })
    .register(RUN, { useValue: runLocal })
    .register(QUERY, { useValue: queryDuckdb })
    .register(CHECKPOINT, { useValue: duckdbCheckpoint })
    .register(CLOCK, { useValue: systemClock })
    .register(OUTPUT, { useValue: createOutput(process, { json }, process.env) })
    .resolve(Stocks)
}
