import { chmod, mkdir, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type FolderOptions, folder } from '@millrace/connector-gcs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connectorError, linesOf, readBatches, testContext } from './reading.js'
import { type Files, withFolder } from './temp-folder.js'

const test = suite('folder')

const list = async (paths: FolderOptions['paths']): Promise<{ readonly names: readonly string[], readonly warnings: readonly string[] }> => {
  const context = testContext()
  const partitions = await folder({ paths }).partitions(context)
  return { names: partitions.map(({ name }) => name), warnings: context.warnings }
}

const inFolder = (files: Files, use: (path: string, under: (...names: string[]) => string[]) => Promise<void>): Promise<void> =>
  withFolder(files, (path) => use(path, (...names) => names.map((name) => join(path, name))))

test('folders are read recursively, in the order of code units', () =>
  inFolder({ 'b.json': '', 'a/z.ndjson': '', 'a/b/c.jsonl': '', 'B.json': '', 'a.json': '', '\u{1F600}.json': '', '\uFB01.json': '' }, async (path, under) => {
    const { names, warnings } = await list(path)
    assert.equal(names, under('B.json', 'a.json', 'a/b/c.jsonl', 'a/z.ndjson', 'b.json', '\u{1F600}.json', '\uFB01.json'))
    assert.equal(warnings, [])
  }))

test('each suffix counts, also with .gz and in upper case; each other file is named in one warning', () =>
  inFolder({ 'a.json': '', 'b.json.gz': '', 'c.NDJSON': '', 'd.jsonl.GZ': '', 'e.txt': '', 'f.gz': '', 'json': '', '.hidden': '', 'g.json.bak': '' }, async (path, under) => {
    const { names, warnings } = await list([path, path])
    assert.equal(names, under('a.json', 'b.json.gz', 'c.NDJSON', 'd.jsonl.GZ'))
    assert.equal(warnings.map((warning) => warning.split(' ')[0]), under('.hidden', 'e.txt', 'f.gz', 'g.json.bak', 'json'))
    assert.match(warnings[0] ?? '', /is not read: its name does not end in \.json, \.ndjson or \.jsonl$/)
  }))

test('hidden files and folders are read like others', () =>
  inFolder({ 'a.json': '', '._a.json': '\0', '.cache/b.json': '' }, async (path, under) => {
    const { names, warnings } = await list(path)
    assert.equal(names, under('._a.json', '.cache/b.json', 'a.json'))
    assert.equal(warnings, [])
  }))

test('a file that is named itself is read whatever its suffix, as its content says', () =>
  inFolder({ 'trades.txt': '[1,2]', 'no-suffix': '1\n2\n' }, async (path, under) => {
    const source = folder({ paths: under('trades.txt', 'no-suffix') })
    const context = testContext()
    const partitions = await source.partitions(context)
    assert.equal(partitions.map(({ name }) => name), under('no-suffix', 'trades.txt'))
    assert.equal(context.warnings, [])
    assert.equal(linesOf(await readBatches(source, join(path, 'trades.txt'))), [[1, '1'], [3, '2']])
    assert.equal(linesOf(await readBatches(source, join(path, 'no-suffix'))), [[0, '1'], [2, '2']])
  }))

test('a file that is reached twice is read once, under its real path', () =>
  inFolder({ 'a/x.json': '1', 'b/y.json': '2' }, async (path, under) => {
    await symlink(join(path, 'a/x.json'), join(path, 'b/link.json'))
    await symlink('x.json', join(path, 'a/also.ndjson'))
    await symlink(join(path, 'a'), join(path, 'b/folder'))
    const { names, warnings } = await list([path, join(path, 'b'), join(path, 'a/x.json'), relative(process.cwd(), join(path, 'b/link.json'))])
    assert.equal(names, under('a/x.json', 'b/y.json'))
    assert.equal(warnings, [])
    assert.equal(names, (await list(path)).names, 'the order of the paths does not matter')
  }))

test('symbolic links that loop end, and those that lead nowhere are named', () =>
  inFolder({ 'a/x.json': '1' }, async (path, under) => {
    await symlink(path, join(path, 'a/up'))
    await symlink('self', join(path, 'a/self'))
    await symlink('gone.json', join(path, 'a/dangling.json'))
    const { names, warnings } = await list(path)
    assert.equal(names, under('a/x.json'))
    assert.equal(warnings.map((warning) => warning.split(' ')[0]), under('a/dangling.json', 'a/self'))
  }))

test('what is no regular file is named in a folder, and refused as a path', () =>
  inFolder({ 'x.json': '1' }, async (path, under) => {
    const socket = join(path, 'socket.json')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    try {
      const { names, warnings } = await list(path)
      assert.equal(names, under('x.json'))
      assert.match(warnings[0] ?? '', /socket\.json is not read: it is no regular file/)
      const error = await connectorError(list(socket))
      assert.is(error.code, 'InvalidArgument')
      assert.match(error.message, /socket\.json is neither a file nor a folder/)
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  }))

test('nothing found, and what is missing, are errors that name the paths', () =>
  inFolder({ 'a/x.txt': '' }, async (path) => {
    await mkdir(join(path, 'empty'))
    const nothing = await connectorError(list([join(path, 'a'), join(path, 'empty')]))
    assert.is(nothing.code, 'NotFound')
    assert.is(nothing.message, `nothing to read in ${join(path, 'a')}, ${join(path, 'empty')}: looked for .json, .ndjson and .jsonl files, also gzipped`)
    for (const missing of ['gone', 'gone/x.json', 'a/x.txt/y']) {
      const error = await connectorError(list([join(path, 'a'), join(path, missing)]))
      assert.is(error.code, 'NotFound')
      assert.ok(error.message.startsWith(join(path, missing)), error.message)
      assert.not(error.retryable)
    }
    const missing = join(path, 'gone')
    assert.is((await connectorError(list(missing))).message, `${missing} does not exist: check the path`)
    const seen = await connectorError(list(relative(process.cwd(), missing)))
    assert.is(seen.message, `${missing} does not exist (seen from ${process.cwd()}): check the path`)
  }))

const root = process.getuid?.() === 0
const unlessRoot = root ? test.skip : test
if (root) console.log('skipped: files without permission (root may read everything)')

unlessRoot('a file or folder without permission is an error that names it', () =>
  inFolder({ 'a/x.json': '1', 'y.json': '2' }, async (path) => {
    await chmod(join(path, 'y.json'), 0)
    const source = folder({ paths: path })
    await source.partitions(testContext())
    const error = await connectorError(readBatches(source, join(path, 'y.json')))
    assert.is(error.code, 'PermissionDenied')
    assert.match(error.message, /y\.json may not be read/)
    await chmod(join(path, 'a'), 0)
    assert.is((await connectorError(list(path))).code, 'PermissionDenied')
    await chmod(join(path, 'a'), 0o755)
  }))

test('a partition tells its size and what makes it the same again', () =>
  inFolder({ 'x.json': '[1,2]' }, async (path) => {
    const [before] = await folder({ paths: path }).partitions(testContext())
    assert.is(before?.sizeBytes, 5)
    const [again] = await folder({ paths: join(path, 'x.json') }).partitions(testContext())
    assert.equal(again, before)
    assert.match(JSON.stringify(before?.fingerprint), /^\{"sizeBytes":5,"modifiedAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z","format":"auto","maxRecordBytes":16777216\}$/)
  }))

test('reads files of all kinds, with the format by the name, and without partitions before', () =>
  inFolder({ 'a.json': '[1]', 'b.ndjson': '[1]\n', 'c.jsonl.gz': gzipSync('[1]\n'), 'd.json': gzipSync('[1]') }, async (path) => {
    const read = async (name: string, options: Partial<FolderOptions> = {}) =>
      linesOf(await readBatches(folder({ paths: path, ...options }), join(path, name))).map(([, text]) => text)
    assert.equal(await read('a.json'), ['1'])
    assert.equal(await read('b.ndjson'), ['[1]'])
    assert.equal(await read('c.jsonl.gz'), ['[1]'])
    assert.equal(await read('d.json'), ['1'])
    assert.equal(await read('b.ndjson', { format: 'array' }), ['1'])
    assert.equal(await read('a.json', { format: 'document' }), ['[1]'])
    const unknown = await connectorError(read('e.json'))
    assert.is(unknown.code, 'NotFound')
    assert.match(unknown.message, /e\.json is not among the objects to read/)
  }))

test('a link under another suffix is read as the file it leads to', () =>
  inFolder({ 'x.ndjson': '[1]\n' }, async (path) => {
    await symlink('x.ndjson', join(path, 'a.json'))
    assert.equal(linesOf(await readBatches(folder({ paths: join(path, 'a.json') }), join(path, 'x.ndjson'))), [[0, '[1]']])
  }))

test('options that are wrong are refused at once, with the remedy', () => {
  assert.throws(() => folder({ paths: [] }), /paths is empty: name at least one/)
  assert.throws(() => folder({ paths: ['a', ''] }), /use "\."/)
  assert.throws(() => folder({ paths: 'a', maxRecordBytes: 0 }), /maxRecordBytes is 0: use an integer from 1/)
  assert.throws(() => folder({ paths: 'a', maxRecordBytes: 1.5 }), /maxRecordBytes is 1\.5/)
  // As someone without types calls it.
  assert.throws(() => folder({ paths: 'a', format: 'csv' as 'auto' }), /format is "csv": use one of 'auto', 'lines'/)
  assert.throws(() => folder({ paths: 'a', name: '' }), /name is empty/)
})

test('it says what it is, and constructing it touches nothing', () => {
  const source = folder({ paths: '/nowhere/at/all' })
  assert.is(source.name, 'folder')
  assert.is(folder({ paths: 'a', name: 'trades' }).name, 'trades')
  assert.is(source.reach, 'local')
  assert.equal(source.capabilities, { bounded: true, replayable: true, acknowledges: false })
})

test.run()
