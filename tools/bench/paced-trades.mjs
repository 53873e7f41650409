import { setTimeout as sleep } from 'node:timers/promises'

const TRADES_PER_SECOND = 2_000
const TRADES_A_FRAME = 10
const FRAME_MILLIS = (1_000 * TRADES_A_FRAME) / TRADES_PER_SECOND
const SYMBOLS = Array.from({ length: 20 }, (_, i) => `SYM${i}`)

const tradeOf = (index, millis) => `{"s":"${SYMBOLS[index % SYMBOLS.length]}","p":${100 + (index % 50)}.5,"v":${1 + (index % 300)},"t":${millis},"c":["1"]}`

const frameOf = (number, millis) =>
  `{"type":"trade","data":[${Array.from({ length: TRADES_A_FRAME }, (_, i) => tradeOf(number * TRADES_A_FRAME + i, millis)).join(',')}]}`

/** 2,000 trades a second for so long, ten a frame, each of the moment at which it is sent. */
export const sendPaced = async (websocket, seconds) => {
  const started = performance.now()
  for (let number = 0; number * FRAME_MILLIS < seconds * 1_000; number++) {
    const wait = started + number * FRAME_MILLIS - performance.now()
    if (wait > 0) await sleep(wait)
    websocket.send(frameOf(number, Date.now()))
  }
}
