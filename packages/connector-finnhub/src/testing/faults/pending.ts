import type { Fault, LineFault, StandingFault, UpgradeFault } from './fault.js'

/** What a fault's moment is compared with. */
export interface Progress {
  /** Frames sent over all connections. */
  readonly frames: number
  /** The connection, and the frames sent on it. */
  readonly connection: number
  readonly framesOfConnection: number
}

const isUpgradeFault = (fault: Fault): fault is UpgradeFault => fault.kind === 'refuse' || fault.kind === 'hang'
const isStanding = (fault: Fault): fault is StandingFault => fault.kind === 'kickBoth' || fault.kind === 'ignoreClose'
const isLineFault = (fault: Fault): fault is LineFault => !isUpgradeFault(fault) && !isStanding(fault)

const framesLeft = ({ afterFrames = 0, connection }: LineFault, at: Progress): number => {
  if (connection === undefined) return Math.max(0, afterFrames - at.frames)
  return connection === at.connection ? Math.max(0, afterFrames - at.framesOfConnection) : Infinity
}

/** The faults of an exchange that are still to come. */
export class PendingFaults {
  readonly #upgrade: readonly UpgradeFault[]
  readonly #standing: readonly StandingFault[]
  #line: readonly LineFault[]
  /** The most frames that a fault sends again. */
  readonly mostResent: number

  constructor(faults: readonly Fault[]) {
    this.#upgrade = faults.filter(isUpgradeFault)
    this.#standing = faults.filter(isStanding)
    this.#line = faults.filter(isLineFault)
    this.mostResent = Math.max(0, ...this.#line.map((fault) => (fault.kind === 'resend' ? fault.frames : 0)))
  }

  /** What befalls the `attempt`th request, from 1. */
  onUpgrade(attempt: number): UpgradeFault | undefined {
    return this.#upgrade.find(({ attempt: first = 1, times = 1 }) => attempt >= first && attempt < first + times)
  }

  get kicksBoth(): boolean {
    return this.#standing.some(({ kind }) => kind === 'kickBoth')
  }

  ignoresClose(connection: number): boolean {
    return this.#standing.some((fault) => fault.kind === 'ignoreClose' && (fault.connection ?? connection) === connection)
  }

  /** How many frames may be sent before the next fault is due; `Infinity` without one. */
  framesUntilDue(at: Progress): number {
    return this.#line.reduce((least, fault) => Math.min(least, framesLeft(fault, at)), Infinity)
  }

  /** The next fault that is due, in the order given; it is not given again. */
  take(at: Progress): LineFault | undefined {
    const index = this.#line.findIndex((fault) => framesLeft(fault, at) === 0)
    const fault = this.#line[index]
    if (fault !== undefined) this.#line = this.#line.toSpliced(index, 1)
    return fault
  }
}
