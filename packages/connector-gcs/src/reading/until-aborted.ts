/** What `promise` gives, or a rejection with the signal's reason as soon as it is aborted. @internal */
export const untilAborted = <A>(promise: Promise<A>, signal: AbortSignal): Promise<A> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    // Also when it is aborted already: nobody else listens to `promise`, and its rejection would end the process.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
