const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const
const MINUTE = 60
const HOUR = 3_600

/** 1,234,567. */
export const formatCount = (count: number): string => count.toLocaleString('en-US')

/** `1 bar`, `2 bars`. */
export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`

/** 17.2 MB: decimal units, three digits. */
export const formatBytes = (bytes: number): string => {
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1_000
    unit += 1
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2
  return `${size.toFixed(digits)} ${BYTE_UNITS[unit] ?? 'B'}`
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export const formatDuration = (millis: number): string => {
  const exact = Math.max(0, millis / 1_000)
  if (exact < 9.95) return `${exact.toFixed(1)} s`
  const seconds = Math.round(exact)
  if (seconds < MINUTE) return `${seconds} s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${seconds % MINUTE} s`
  return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / MINUTE)} min`
}

/** `2024-09-12 13:30:05`, UTC. Beyond the range of dates: the number itself. */
export const formatTime = (millis: number): string => {
  const time = new Date(millis)
  return Number.isNaN(time.getTime()) ? String(millis) : time.toISOString().replace('T', ' ').replace(/(\.000)?Z$/, '')
}

/** `13:30:05`, UTC. */
export const formatClock = (millis: number): string => formatTime(millis - (((millis % 1_000) + 1_000) % 1_000)).slice(11)

/** A number of at most so many decimals, with thousands. */
export const formatNumber = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: decimals })

/** A price: always two decimals, up to four where it has them. */
export const formatPrice = (value: number): string => value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 })
