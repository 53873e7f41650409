/**
 * The stocks example: trades become 5-second bars. This entry is for tests and tools of the repository; the command line is
 * `main.ts`.
 * @packageDocumentation
 */
export { generateDay, type Day, type DayOptions } from './generate/day.js'
export { batch, BatchConfig, stream, StreamConfig } from './pipeline.js'
export { bar, toRow, BAR_MILLIS, type Bar } from './bar.js'
export { BarRow, Lane } from './bar-row.js'
export { Frame } from './frame.js'
export { Trade } from './trade.js'
