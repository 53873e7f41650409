import { type MarketFrame, plainFrame, tradeFrame } from './frame.js'

const NEWS_EVERY_SECONDS = 180
const RELEASE_EVERY_SECONDS = 240

const news = (atMillis: number): string => JSON.stringify({ data: [{
  category: 'company', datetime: Math.floor(atMillis / 1_000), headline: 'Nothing happened, analysts say', id: 119_440_189,
  image: '', related: 'AAPL', source: 'Invented', summary: 'A headline, for the sake of the protocol.', url: 'https://example.com/news',
}], type: 'news' })

const release = (atMillis: number): string => JSON.stringify({ data: [{
  datetime: Math.floor(atMillis / 1_000), fullText: 'https://example.com/text', headline: 'A press release', symbol: 'F,KO', url: 'https://example.com/pr',
}], type: 'pr' })

/** What comes beside trades at a full minute: a ping, and now and then news, a press release or a frame of no trades. */
export const noticesAt = (second: number, atMillis: number): readonly MarketFrame[] => {
  if (second === 0 || second % 60 !== 0) return []
  const notices = [plainFrame(atMillis, '{"type":"ping"}'), tradeFrame(atMillis, [])]
  if (second % NEWS_EVERY_SECONDS === 0) notices.push(plainFrame(atMillis, news(atMillis)))
  if (second % RELEASE_EVERY_SECONDS === 0) notices.push(plainFrame(atMillis, release(atMillis)))
  return notices
}
