// AssemblyScript: which centroid is nearest to each row. Rows and centroids are float32, padded with
// zeros to a multiple of 16 bytes.

/** Rows that stay in the nearest cache while every centroid passes by. */
const TILE_ROWS: i32 = 8;
/** A distance is given up, when it is too large already, after every so many bytes. */
const BLOCK_BYTES: usize = 256;

/**
 * Puts into `nearest` (i32) the number of the centroid nearest to each row and into `squares` (f32)
 * its squared distance. Both hold a bound on entry: only what is truly nearer replaces it.
 * `firstNumber` is the number of the first centroid.
 */
export function nearestCentroids(
  rows: usize,
  rowCount: i32,
  rowBytes: usize,
  centroids: usize,
  centroidCount: i32,
  firstNumber: i32,
  nearest: usize,
  squares: usize,
): void {
  for (let tile = 0; tile < rowCount; tile += TILE_ROWS) {
    const tileEnd = min(tile + TILE_ROWS, rowCount);
    for (let c = 0; c < centroidCount; c++) {
      const centroid = centroids + <usize>c * rowBytes;
      for (let row = tile; row < tileEnd; row++) {
        const at = (<usize>row) << 2;
        const bound = load<f32>(squares + at);
        const square = squaredDistance(rows + <usize>row * rowBytes, centroid, rowBytes, bound);
        if (square < bound) {
          store<f32>(squares + at, square);
          store<i32>(nearest + at, firstNumber + c);
        }
      }
    }
  }
}

/** Puts into `squares` how far each row is from the centroid that `nearest` names. */
export function squaresToNearest(
  rows: usize,
  rowCount: i32,
  rowBytes: usize,
  centroids: usize,
  nearest: usize,
  squares: usize,
): void {
  for (let row = 0; row < rowCount; row++) {
    const at = (<usize>row) << 2;
    const centroid = centroids + <usize>load<i32>(nearest + at) * rowBytes;
    const square = squaredDistance(rows + <usize>row * rowBytes, centroid, rowBytes, f32.MAX_VALUE);
    store<f32>(squares + at, square);
  }
}

// At least `bound` when it was given up.
function squaredDistance(a: usize, b: usize, rowBytes: usize, bound: f32): f32 {
  const end = a + rowBytes;
  const endOfBlocks = a + (rowBytes & ~(BLOCK_BYTES - 1));
  let sum: f32 = 0;
  while (a < endOfBlocks) {
    sum += squaredBlock(a, b);
    if (sum >= bound) return sum;
    a += BLOCK_BYTES;
    b += BLOCK_BYTES;
  }
  let tail = f32x4.splat(0);
  for (; a < end; a += 16, b += 16) {
    const d = f32x4.sub(v128.load(a), v128.load(b));
    tail = f32x4.add(tail, f32x4.mul(d, d));
  }
  return sum + total(tail);
}

function squaredBlock(a: usize, b: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const end = a + BLOCK_BYTES;
  for (; a < end; a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), v128.load(b));
    const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    sum0 = f32x4.add(sum0, f32x4.mul(d0, d0));
    sum1 = f32x4.add(sum1, f32x4.mul(d1, d1));
    sum2 = f32x4.add(sum2, f32x4.mul(d2, d2));
    sum3 = f32x4.add(sum3, f32x4.mul(d3, d3));
  }
  return total(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

function total(lanes: v128): f32 {
  return (
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
  );
}
