// Numbers, spans and instants as people read them, with their units.

const COUNT = new Intl.NumberFormat('en-US');
const UNITS = /** @type {const} */ ([
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]);
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
/** What stands where there is no value. */
export const NONE = '–';

/** @param {number | bigint} value */
export function count(value) {
  return COUNT.format(value);
}

/** @param {number} value @param {string} one @param {string} [many] */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * Whole units of an account, in decimal and however many digits.
 * @param {string} units
 */
export function tokens(units) {
  return COUNT.format(BigInt(units));
}

/** @param {number | null} micros millionths @param {number} [digits] */
export function micros(micros, digits = 3) {
  return micros === null ? NONE : decimal(micros / 1e6, digits);
}

/** @param {number | null | undefined} value @param {number} [digits] */
export function decimal(value, digits = 3) {
  return value === null || value === undefined || Number.isNaN(value)
    ? NONE
    : value.toFixed(digits);
}

/** @param {number} part @param {number} whole */
export function percent(part, whole) {
  return whole === 0 ? NONE : `${Math.round((100 * part) / whole)} %`;
}

/** A span of time, in its two largest units. @param {number} ms */
export function duration(ms) {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** `3 minutes ago`, `in 2 days`. @param {number} atMs @param {number} nowMs */
export function relative(atMs, nowMs) {
  const gap = atMs - nowMs;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(gap) >= ms) return RELATIVE.format(Math.trunc(gap / ms), unit);
  }
  return 'just now';
}

/** Date and time of the reader's place, to the second. @param {number} atMs */
export function absolute(atMs) {
  return new Date(atMs).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Time of day of the reader's place. @param {number} atMs */
export function clockTime(atMs) {
  return new Date(atMs).toLocaleTimeString('en-GB');
}

/** The beginning of a digest or key, enough to tell it apart. @param {string} id */
export function brief(id) {
  return id.length > 12 ? `${id.slice(0, 10)}…` : id;
}
