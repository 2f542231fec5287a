/** The rank as an unsigned integer that orders as the rank does. */
export function floatKey(rank: f32): u32 {
  const bits = reinterpret<u32>(rank);
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}
