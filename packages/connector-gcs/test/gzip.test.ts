import { deflateRawSync, gzipSync } from 'node:zlib'
import { flatRecords } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Line, linesOf, readText } from './reading.js'

const test = suite('gzip')

const records = Array.from({ length: 40 }, (_, i) => `{"i":${i},"s":"${'abcdefgh'.slice(0, i % 8)}"}`)
const lines = Buffer.from(records.map((record) => `${record}\n`).join(''))
const array = Buffer.from(`[${records.join(',')}]`)

const read = async (bytes: Buffer, name: string, cuts: number = Infinity): Promise<readonly Line[]> => linesOf(await readText(bytes, { name, cuts }))
const failuresOf = (found: readonly Line[]): readonly (string | undefined)[] => found.flatMap(([, , failure]) => failure === undefined ? [] : [failure])

for (const [name, text] of [['x.ndjson', lines], ['x.json', array]] as const) {
  test(`${name}: known by its first bytes, whatever the name and the chunks`, async () => {
    const expected = await read(text, name)
    assert.is(expected.length, records.length)
    for (const other of [name, `${name}.gz`]) {
      for (const cuts of [1, 2, 3, 10, Infinity]) assert.equal(await read(gzipSync(text), other, cuts), expected, `${other} in chunks of ${cuts}`)
      assert.equal(await read(text, other), expected, 'not packed')
    }
  })

  test(`${name}: several members are one text, padding behind them is none`, async () => {
    const expected = await read(text, name)
    const members = Buffer.concat([gzipSync(text.subarray(0, 100)), gzipSync(''), gzipSync(text.subarray(100))])
    for (const cuts of [1, 7, 23, Infinity]) {
      assert.equal(await read(members, name, cuts), expected, `chunks of ${cuts}`)
      assert.equal(await read(Buffer.concat([members, Buffer.alloc(50)]), name, cuts), expected, `padded, chunks of ${cuts}`)
    }
    const exact = [gzipSync(text.subarray(0, 100)), gzipSync(text.subarray(100))]
    assert.equal(await read(Buffer.concat(exact), name, exact[0]?.length), expected, 'cut between the members')
  })

  test(`${name}: cut anywhere, it gives what is complete and exactly one failure`, async () => {
    const packed = gzipSync(text)
    const whole = await read(text, name)
    let complete = 0
    for (let length = 1; length < packed.length; length++) {
      const found = await read(packed.subarray(0, length), name)
      const failure = found.at(-1)
      assert.equal(failuresOf(found), ['TruncatedGzip'], `cut at ${length}`)
      assert.is(failure?.[2], 'TruncatedGzip')
      const good = found.slice(0, -1)
      assert.equal(good, whole.slice(0, good.length), `cut at ${length}`)
      assert.ok(good.length >= complete, 'more bytes gave fewer records')
      complete = good.length
      const rest = failure?.[1] ?? ''
      assert.is(text.toString().slice(failure?.[0], Number(failure?.[0]) + rest.length), rest, 'the rest is from the text')
      if (length % 7 === 0) assert.equal(await read(packed.subarray(0, length), name, 3), found, `cut at ${length}, chunks of 3`)
    }
    assert.is(complete, records.length, 'cut in the last bytes of the packing, all records are complete')
  })

  test(`${name}: any byte changed, it gives good records, and exactly one failure if it is found out`, async () => {
    const packed = gzipSync(text)
    const whole = await read(text, name)
    for (let at = 2; at < packed.length; at += 1) {
      const damaged = Buffer.from(packed)
      damaged[at] = (damaged[at] ?? 0) ^ 0x41
      const found = await read(damaged, name)
      const failures = failuresOf(found).filter((tag) => tag === 'CorruptGzip' || tag === 'TruncatedGzip')
      // The header's time, flags and system are not covered by any checksum.
      assert.ok(failures.length === 1 || (at < 10 && failures.length === 0 && found.length === whole.length), `byte ${at}: ${failures.join()}`)
      if (at % 11 === 0) assert.equal(await read(damaged, name, 5), found, `byte ${at}, chunks of 5`)
    }
  })
}

test('a checksum that does not fit: all records, then one failure', async () => {
  const packed = gzipSync(array)
  packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1
  const found = await read(packed, 'x.json.gz')
  assert.equal(found.slice(0, -1), await read(array, 'x.json'))
  assert.equal(found.at(-1), [array.length, '', 'CorruptGzip'])
})

test('something else behind the last member is a failure', async () => {
  for (const garbage of ['garbage', '\0\0garbage', 'g']) {
    for (const cuts of [1, 10, Infinity]) {
      const found = await read(Buffer.concat([gzipSync(array), Buffer.from(garbage)]), 'x.json', cuts)
      assert.equal(found.slice(0, -1), await read(array, 'x.json'))
      assert.is(failuresOf(found).length, 1)
      assert.match(String(found.at(-1)?.[2]), /^(Corrupt|Truncated)Gzip$/)
    }
  }
})

test('what was unpacked before a damage deep in a large file is given, to the record', async () => {
  const text = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `{"i":${i},"r":${Math.imul(i, 2_654_435_761)}}\n`).join(''))
  const packed = gzipSync(text)
  assert.ok(packed.length > 500_000)
  // Into a stored block of its own, where the next block begins: zlib finds it at that byte.
  const cut = Buffer.concat([packed.subarray(0, 400_000), Buffer.alloc(2_000, 0xff), packed.subarray(402_000)])
  const found = await read(cut, 'x.ndjson', 65_536)
  assert.equal(failuresOf(found), ['CorruptGzip'])
  const whole = await read(text, 'x.ndjson')
  const truncated = await read(packed.subarray(0, 400_000), 'x.ndjson', 65_536)
  assert.equal(found.slice(0, truncated.length - 1), whole.slice(0, truncated.length - 1), 'at least what a cut at the damage gives')
  assert.equal(await read(cut, 'x.ndjson', 30_011), found, 'other chunks give the same')
})

test('a bomb does not fill the memory', async () => {
  const mebibytes = 300
  const member = gzipSync(Buffer.alloc(1024 * 1024, ' '), { level: 9 })
  const bomb = Buffer.concat([gzipSync('1\n'), ...Array.from({ length: mebibytes }, () => member), gzipSync('\n2\n')])
  const before = process.memoryUsage().rss
  const found = await read(bomb, 'x.ndjson')
  assert.equal(found, [[0, '1'], [3 + mebibytes * 1024 * 1024, '2']])
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024
  assert.ok(grown < 150, `it grew by ${grown} MiB`)
})

test('what only looks like gzip is a failure, what is something else is text', async () => {
  assert.equal(await read(Buffer.from([0x1f]), 'x.json.gz'), [[0, '', 'TruncatedGzip']])
  assert.equal(await read(Buffer.from([0x1f, 0x8b]), 'x.json'), [[0, '', 'TruncatedGzip']])
  assert.equal(await read(Buffer.from([0x1f, 0x8b, 0x63, 1, 2, 3]), 'x.json'), [[0, '', 'CorruptGzip']])
  const raw = deflateRawSync(Buffer.from('[1]')).toString('latin1')
  assert.equal((await read(Buffer.from(raw, 'latin1'), 'x.json')).length, 1)
})

test('a binary file is one failure in gzip too', async () => {
  assert.equal(await read(gzipSync('1\n\0\n'), 'x.ndjson'), [[0, '1\n\0\n', 'Binary']])
})

test('a binary file that is called gzip and is none says so', async () => {
  const messageOf = async (content: Buffer, name: string): Promise<string | undefined> =>
    (await readText(content, { name })).flatMap((batch) => flatRecords(batch))[0]?.failure?.message
  assert.is(await messageOf(Buffer.from('PK\0'), 'x.json.gz'), 'x.json.gz, byte 0: the file is not gzip in spite of its name; it is binary (a NUL byte in its first 4 KiB), not JSON text')
  assert.is(await messageOf(gzipSync('PK\0'), 'x.json.gz'), 'x.json.gz, byte 0: the file is binary (a NUL byte in its first 4 KiB), not JSON text')
  assert.is(await messageOf(Buffer.from('PK\0'), 'x.json'), 'x.json, byte 0: the file is binary (a NUL byte in its first 4 KiB), not JSON text')
})

test.run()
