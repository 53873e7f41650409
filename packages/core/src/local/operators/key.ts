import { select, upTo, valuesOf, withKeys, type Elements } from '../elements.js'
import { ConnectorError } from '../../failure.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'

/** Gives every element its key, which must be a string. */
export class KeyOperator extends Operator {
  constructor(
    stage: string,
    host: OperatorHost,
    readonly key: (value: unknown) => unknown,
  ) {
    super(stage, 'key', host)
  }

  protected process(elements: Elements): void {
    const { key } = this
    const values = valuesOf(elements)
    const keys = new Array<string>(values.length)
    let kept: number[] | undefined
    let count = 0
    let i = 0
    while (i < values.length) {
      try {
        for (; i < values.length; i++) {
          const found = key(values[i])
          if (typeof found !== 'string' || !found.isWellFormed()) throw notAKey(found)
          keys[count++] = found
          if (kept !== undefined) kept.push(i)
        }
      } catch (error) {
        kept ??= upTo(i)
        this.reject(elements, i++, failureOf(error))
      }
    }
    keys.length = count
    const survivors = kept === undefined ? elements : select(elements, kept)
    this.emit(withKeys(survivors, keys))
  }
}

const notAKey = (found: unknown): ConnectorError => {
  const got = found === null ? 'null' : typeof found === 'string' ? 'one with a lone surrogate' : typeof found
  return new ConnectorError({ _tag: 'Key', code: 'InvalidArgument', message: `the key must be a well-formed string, got ${got}` })
}
