const write = (text) => void process.stdout.write(`${text}\n`)
const rounded = (number) => number.toFixed(2)

/** What one comparison came to: its ratio, the limit, and from what. */
export const print = ({ name, ratio, limit, from }) => {
  const verdict = ratio <= limit ? 'ok  ' : 'FAIL'
  write(`${verdict}  ${rounded(ratio)} (limit ${rounded(limit)})  ${name}`)
  for (const line of from) write(`            ${line}`)
  return ratio <= limit
}

export const nanos = (micros, count) => `${Math.round((micros * 1_000) / count)} ns`

export const printLine = write
