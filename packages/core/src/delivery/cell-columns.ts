import type { Data } from '../data.js'

/** An accumulator as its epoch saves it. */
export interface SavedCell {
  readonly start: number
  readonly key: string
  readonly acc: unknown
}

/** Cells that are made when they are asked for, or an array of them. */
export type SavedCells = Pick<readonly SavedCell[], 'length' | 'slice'>

/** The plain objects that a value is made of; 0 stands for anything else, which is kept as it is. */
type Shape = 0 | readonly (readonly [name: string, part: Shape])[]

/** Equal texts once: names of keys and partitions come again and again. */
interface Texts {
  readonly texts: readonly string[]
  readonly at: readonly number[]
}

type Column = readonly unknown[] | Texts

const maxDepth = 4
const maxParts = 64

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const shapeOf = (value: unknown, depth = maxDepth): Shape => {
  if (depth === 0 || !isPlain(value)) return 0
  const names = Object.keys(value)
  // What is too large to be a record is a table of its own, and other cells have other rows.
  if (names.length > maxParts || names.includes('__proto__')) return 0
  return names.map((name) => [name, shapeOf(value[name], depth - 1)] as const)
}

/** The same objects with the same fields in the same order; what is no Data must not slip through, so nothing else may be there. */
const fits = (value: unknown, shape: Shape): boolean => {
  if (shape === 0) return true
  if (!isPlain(value)) return false
  let i = 0
  for (const name in value) {
    const part = shape[i++]
    if (part === undefined || part[0] !== name || !fits(value[name], part[1])) return false
  }
  return i === shape.length && Object.getOwnPropertySymbols(value).length === 0
}

const columnsOf = (shape: Shape): number => (shape === 0 ? 1 : shape.reduce((sum, [, part]) => sum + columnsOf(part), 0))

/** Puts the value's leaves at the ends of the columns from `at` on; answers where the next value's columns begin. */
const spread = (value: unknown, shape: Shape, columns: readonly unknown[][], at: number): number => {
  if (shape === 0) {
    columns[at]?.push(value)
    return at + 1
  }
  let next = at
  for (const [name, part] of shape) next = spread((value as Readonly<Record<string, unknown>>)[name], part, columns, next) // as: it fits the shape
  return next
}

const packTexts = (column: readonly unknown[]): Column => {
  const numbers = new Map<string, number>()
  const at: number[] = []
  for (const text of column) {
    if (typeof text !== 'string') return column
    let number = numbers.get(text)
    if (number === undefined) numbers.set(text, (number = numbers.size))
    at.push(number)
  }
  return { texts: [...numbers.keys()], at }
}

/**
 * Cells by column, which takes a third of the bytes: names of fields are written once. Cells of another shape than the first
 * follow as they are.
 */
export const packCells = (cells: readonly SavedCell[]): Data => {
  const shape = shapeOf(cells[0]?.acc)
  const columns: unknown[][] = Array.from({ length: 2 + columnsOf(shape) }, () => [])
  const others: unknown[] = []
  for (const { start, key, acc } of cells) {
    if (!fits(acc, shape)) {
      others.push(start, key, acc)
      continue
    }
    columns[0]?.push(start)
    columns[1]?.push(key)
    spread(acc, shape, columns, 2)
  }
  return [shape, columns.map(packTexts), others] as unknown as Data // as: accumulators are Data by contract, checked where this is packed
}

const readColumn = (column: Column): readonly unknown[] => ('texts' in column ? column.at.map((number) => column.texts[number]) : column)

/** Takes `row` out of the columns again. */
const gather = (shape: Shape, columns: readonly (readonly unknown[])[], row: number, at: { next: number }): unknown => {
  if (shape === 0) return columns[at.next++]?.[row]
  const value: Record<string, unknown> = {}
  for (const [name, part] of shape) value[name] = gather(part, columns, row, at)
  return value
}

/**
 * What {@link packCells} packed.
 * @throws Error if it is not whole
 */
export const unpackCells = (packed: readonly unknown[]): SavedCell[] => {
  const [shape, columns, others] = packed as readonly [Shape, readonly Column[], readonly unknown[]] // as: packCells wrote it
  const read = columns.map(readColumn)
  const [starts = [], keys = []] = read
  if (others.length % 3 !== 0 || read.some(({ length }) => length !== starts.length)) throw new Error('an accumulator is cut off')
  const cells = starts.map((start, row) => ({ start: start as number, key: keys[row] as string, acc: gather(shape, read, row, { next: 2 }) })) // as: likewise, here and below
  for (let i = 0; i < others.length; i += 3) cells.push({ start: others[i] as number, key: others[i + 1] as string, acc: others[i + 2] })
  return cells
}
