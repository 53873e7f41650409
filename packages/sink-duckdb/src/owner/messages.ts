import { ConnectorError, type ErrorCode, RefusedError } from '@millrace/core'
import * as t from 'io-ts'

/** Raised when anything but the hello changes. */
export const PROTOCOL = 1

/** What the owner of a file says first. The same in all versions. */
export const Hello = t.type({
  millrace: t.literal('duckdb-owner'),
  protocol: t.number,
  pid: t.number,
  /** `device:inode` of the file. */
  file: t.string,
  /** What runs there. */
  pipelines: t.array(t.string),
})
export type Hello = t.TypeOf<typeof Hello>

const QueryQuestion = t.type({
  ask: t.literal('query'),
  /** The file as the asker calls it, for errors. */
  path: t.string,
  sql: t.string,
  /** Each as `toWire` makes it. */
  values: t.array(t.unknown),
})

const CheckpointQuestion = t.type({ ask: t.literal('checkpoint'), path: t.string, pipeline: t.string })

/** What the owner is asked: one question a connection. */
export const Question = t.union([QueryQuestion, CheckpointQuestion])
export type Question = t.TypeOf<typeof Question>

const ErrorForm = t.type({
  tag: t.string, code: t.string, message: t.string, retryable: t.boolean, refused: t.boolean, path: t.union([t.string, t.null]),
})

/** A part of an answer. */
export const Answer = t.union([
  /** Still at it. */
  t.type({ alive: t.literal(true) }),
  t.type({ names: t.array(t.string) }),
  t.type({ rows: t.array(t.array(t.unknown)) }),
  /** Of a checkpoint: number 0 is the header, the others are the changes. */
  t.type({ blob: t.number, piece: t.unknown }),
  /** The end. */
  t.type({ done: t.literal(true) }),
  t.type({ error: ErrorForm }),
  /** The file is let go for a moment: ask again. */
  t.type({ again: t.literal(true) }),
])
export type Answer = t.TypeOf<typeof Answer>

/** An error as it crosses; its cause stays where it is. */
export const errorForm = (error: ConnectorError): t.TypeOf<typeof ErrorForm> => ({
  tag: error._tag, code: error.code, message: error.message, retryable: error.retryable, refused: error instanceof RefusedError, path: error.path ?? null,
})

/** The error that crossed. */
export const errorOf = ({ tag, code, message, retryable, refused, path }: t.TypeOf<typeof ErrorForm>): ConnectorError => {
  if (refused) return new RefusedError(message, tag)
  // The owner took it from an error of ours.
  return new ConnectorError({ _tag: tag, code: code as ErrorCode, message, retryable, ...(path === null ? {} : { path }) })
}
