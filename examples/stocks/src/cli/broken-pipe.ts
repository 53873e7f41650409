/** Whoever reads us may leave (`| head`): from then on there is nobody to tell, and the work goes on. */
export const ignoreBrokenPipe = (streams: readonly NodeJS.WriteStream[]): void => {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
