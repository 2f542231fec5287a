// AssemblyScript: the nearest centroid for rows of few components, as product quantisation has them.
// Four centroids are compared at a time, one per lane, so no sum crosses lanes. Centroids come in
// blocks of four: component after component, four centroids each. Spare lanes hold infinity.

/** Puts into `nearest` (i32) and `squares` (f32) what the first nearest of all centroids is. */
export function nearestShort(
  rows: usize,
  rowCount: i32,
  rowBytes: usize,
  blocks: usize,
  blockCount: i32,
  nearest: usize,
  squares: usize,
): void {
  for (let row = 0; row < rowCount; row++, rows += rowBytes) {
    let best = f32x4.splat(f32.MAX_VALUE);
    let bestBlock = i32x4.splat(0);
    let centroid = blocks;
    for (let block = 0; block < blockCount; block++) {
      let sum = f32x4.splat(0);
      const end = rows + rowBytes;
      for (let at = rows; at < end; at += 4, centroid += 16) {
        const d = f32x4.sub(v128.load32_splat(at), v128.load(centroid));
        sum = f32x4.add(sum, f32x4.mul(d, d));
      }
      const isNearer = f32x4.lt(sum, best);
      best = v128.bitselect(sum, best, isNearer);
      bestBlock = v128.bitselect(i32x4.splat(block), bestBlock, isNearer);
    }
    storeNearest(best, bestBlock, nearest + ((<usize>row) << 2), squares + ((<usize>row) << 2));
  }
}

function storeNearest(best: v128, bestBlock: v128, nearest: usize, squares: usize): void {
  let square = f32x4.extract_lane(best, 0);
  let number = i32x4.extract_lane(bestBlock, 0) << 2;
  let otherSquare = f32x4.extract_lane(best, 1);
  let other = (i32x4.extract_lane(bestBlock, 1) << 2) + 1;
  if (otherSquare < square || (otherSquare == square && other < number)) {
    square = otherSquare;
    number = other;
  }
  otherSquare = f32x4.extract_lane(best, 2);
  other = (i32x4.extract_lane(bestBlock, 2) << 2) + 2;
  if (otherSquare < square || (otherSquare == square && other < number)) {
    square = otherSquare;
    number = other;
  }
  otherSquare = f32x4.extract_lane(best, 3);
  other = (i32x4.extract_lane(bestBlock, 3) << 2) + 3;
  if (otherSquare < square || (otherSquare == square && other < number)) {
    square = otherSquare;
    number = other;
  }
  store<f32>(squares, square);
  store<i32>(nearest, number);
}
