import * as t from 'io-ts'
import { hasOwnFields } from './own-fields.js'

/** A message of trades; what they are worth is looked at one by one, so that a bad one does not take its neighbours along. */
const TradeFrame = t.type({ type: t.literal('trade'), data: t.array(t.unknown) }, 'TradeFrame')
/** @see {@link Frame} */
export type TradeFrame = t.TypeOf<typeof TradeFrame>

/** Messages that hold no trades: heartbeats, news, press releases, and errors, which the connector has told the operator. */
const OtherFrame = t.type({ type: t.keyof({ ping: null, news: null, pr: null, error: null }) }, 'OtherFrame')

const FIELDS_OF_TRADES = ['type', 'data']
const FIELDS_OF_OTHERS = ['type']

/** One message of Finnhub's websocket. Other fields are ignored; any other `type` is none. */
export const Frame = t.refinement(
  t.union([TradeFrame, OtherFrame]),
  (frame) => hasOwnFields(frame, frame.type === 'trade' ? FIELDS_OF_TRADES : FIELDS_OF_OTHERS),
  'a frame {type, …} with fields of its own',
)
/** @see {@link Frame} */
export type Frame = t.TypeOf<typeof Frame>

/** Whether a message may hold trades. */
export const hasTrades = (frame: Frame): frame is TradeFrame => frame.type === 'trade'
