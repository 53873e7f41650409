const write = (text) => void process.stdout.write(`${text}\n`)
const rounded = (number) => number.toFixed(2)

/** What one comparison came to: its ratio, the most or the least that it may be, and from what. */
export const print = ({ name, ratio, limit, least, from }) => {
  const holds = least === undefined ? ratio <= limit : ratio >= least
  write(`${holds ? 'ok  ' : 'FAIL'}  ${rounded(ratio)} (${least === undefined ? `limit ${rounded(limit)}` : `at least ${rounded(least)}`})  ${name}`)
  for (const line of from) write(`            ${line}`)
  return holds
}

export const nanos = (micros, count) => `${Math.round((micros * 1_000) / count)} ns`

export const printLine = write
