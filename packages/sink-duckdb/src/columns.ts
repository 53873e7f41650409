import * as t from 'io-ts'
import { ColumnCodec, type ColumnType } from './column-codec.js'

/** One column of a table and what its values may be. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** Whether a value of this field can be stored, `null` and `undefined` included. */
  accepts(value: unknown): boolean
}

/** A codec in which a column cannot be seen: why. */
export class NoColumn extends Error {}

interface Leaf {
  readonly type: ColumnType
  readonly holds: (value: unknown) => boolean
}

const isString = (u: unknown): boolean => typeof u === 'string'
const isNumber = (u: unknown): boolean => typeof u === 'number'
const isBoolean = (u: unknown): boolean => typeof u === 'boolean'

/** Node types that io-ts tells apart by `_tag`; a codec without one is opaque. */
type Tagged = t.Any & { readonly _tag?: string }

const isNothing = (codec: Tagged): boolean =>
  codec._tag === 'NullType' || codec._tag === 'UndefinedType' || codec._tag === 'VoidType'

/** `t.Int`, also that of another copy of io-ts. Beyond the safe integers a number no longer is the integer that was meant. */
const isInt = (codec: Tagged): boolean =>
  codec._tag === 'RefinementType' && (codec.name === 'Int' || codec.name === 'Integer')

const literalLeaf = (codec: t.LiteralType<string | number | boolean>): Leaf => {
  if (typeof codec.value === 'string') return { type: 'VARCHAR', holds: codec.is }
  if (typeof codec.value === 'boolean') return { type: 'BOOLEAN', holds: codec.is }
  throw new NoColumn(`the literal ${codec.name} has no column: use t.Int or t.number`)
}

const unionLeaf = (codec: t.UnionType<t.Any[]>): Leaf => {
  const leaves = codec.types.filter((member) => !isNothing(member)).map(leafOf)
  const first = leaves[0]
  if (first === undefined) throw new NoColumn(`${codec.name} holds nothing but null`)
  const other = leaves.find((leaf) => leaf.type !== first.type)
  if (other !== undefined) throw new NoColumn(`${codec.name} would need two columns: ${first.type} and ${other.type}`)
  return { type: first.type, holds: (u) => leaves.some((leaf) => leaf.holds(u)) }
}

const refinedLeaf = (codec: t.RefinementType<t.Any>): Leaf => {
  const base = leafOf(codec.type)
  return { type: base.type, holds: (u) => base.holds(u) && codec.is(u) }
}

const leafOf = (codec: Tagged): Leaf => {
  if (codec instanceof ColumnCodec || codec._tag === 'ColumnCodec') {
    // The tag is ours, also when another copy of this package made it.
    const own = codec as ColumnCodec
    return { type: own.column, holds: own.is }
  }
  if (isInt(codec)) return { type: 'BIGINT', holds: Number.isSafeInteger }
  // From here on the casts say what io-ts promises with each tag.
  switch (codec._tag) {
    case 'StringType': return { type: 'VARCHAR', holds: isString }
    case 'NumberType': return { type: 'DOUBLE', holds: isNumber }
    case 'BooleanType': return { type: 'BOOLEAN', holds: isBoolean }
    case 'KeyofType': return { type: 'VARCHAR', holds: codec.is }
    case 'LiteralType': return literalLeaf(codec as t.LiteralType<string | number | boolean>)
    case 'UnionType': return unionLeaf(codec as t.UnionType<t.Any[]>)
    case 'RefinementType': return refinedLeaf(codec as t.RefinementType<t.Any>)
    case 'ReadonlyType': return leafOf((codec as t.ReadonlyType<t.Any>).type)
    default:
      throw new NoColumn(
        `${codec.name} has no column: use t.string, t.number, t.Int, t.boolean, timestampMillis, integer32, integer64, ` +
          'a literal or keyof of strings, or one of these with t.null',
      )
  }
}

/**
 * The column of one field.
 * @throws {@link NoColumn} when the codec has none
 */
export const columnOf = (name: string, codec: t.Any, optional: boolean): Column => {
  const { type, holds } = leafOf(codec)
  const takesUndefined = optional || codec.is(undefined)
  const takesNull = codec.is(null)
  const accepts = (value: unknown): boolean =>
    value === null ? takesNull : value === undefined ? takesUndefined : holds(value)
  return { name, type, nullable: takesNull || takesUndefined, accepts }
}
