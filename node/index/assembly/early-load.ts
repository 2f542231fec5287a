import { rowBytes, startBytes } from './regions';

/** Bytes of a row that are loaded early. */
const EARLY_BYTES_MAX: usize = 4096;
let early: i32 = 0;

/**
 * WebAssembly has no prefetch. Loads of several rows do not wait for each other, so all are on
 * their way before the first is compared; the sum keeps the compiler from leaving them out.
 */
export function loadEarly(row: usize): void {
  loadBytes(row, min(rowBytes, EARLY_BYTES_MAX));
}

/** The same for a row that may be given up before its end. */
export function loadStartEarly(row: usize): void {
  loadBytes(row, startBytes == 0 ? min(rowBytes, EARLY_BYTES_MAX) : min(rowBytes, startBytes));
}

function loadBytes(row: usize, bytes: usize): void {
  const end = row + bytes;
  let sum = 0;
  for (; row < end; row += 64) sum += load<i32>(row);
  early = sum;
}
