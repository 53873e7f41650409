import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** Another process that has a file open. */
export interface Owner {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** The next line it prints. */
  line(): Promise<string>
  /** Tells it to do something, and waits until it is done; gives what it printed before. */
  tell(command: string): Promise<readonly string[]>
  end(): Promise<void>
}

/** Starts a script of this folder with a path, and waits for its first line. */
export const startOwner = async (path: string, pipeline = 'p', script = 'owner-child.js'): Promise<Owner> => {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [file, path, pipeline], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const next = await lines.next()
    if (next.done === true) throw new Error('the owner ended')
    return next.value
  }
  const tell = async (command: string): Promise<readonly string[]> => {
    child.stdin.write(`${command}\n`)
    const heard: string[] = []
    for (let said = await line(); said !== `${command} done`; said = await line()) heard.push(said)
    return heard
  }
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  await line()
  return { child, line, tell, end }
}
