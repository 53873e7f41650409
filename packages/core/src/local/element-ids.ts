import type { Origin } from '../envelope.js'
import { stableIdOfJson } from '../pipeline/stable-id.js'

/** The ids of one stage's elements: `stableId([pipeline, stage, source, partition, position, path])`, from JSON made once. */
export class ElementIds {
  readonly #stageJson: string
  #source: string | undefined
  #partition: string | undefined
  #head = ''

  constructor(pipeline: string, stage: string) {
    this.#stageJson = `[${JSON.stringify(pipeline)},${JSON.stringify(stage)}`
  }

  of({ source, partition }: Origin, positionJson: string, pathJson: string): string {
    if (source !== this.#source || partition !== this.#partition) {
      this.#source = source
      this.#partition = partition
      this.#head = `${this.#stageJson},${JSON.stringify(source)},${JSON.stringify(partition)},`
    }
    return stableIdOfJson(`${this.#head}${positionJson},${pathJson}]`)
  }
}
