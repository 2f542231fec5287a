// Digests for tests: by their first byte, and the three colours of avalanchego's tests.

import type { Digest } from '@starling/shared';

/** A digest whose first byte is given, so its first bits are those of the byte, lowest first. */
export function digestOf(firstByte: number): Digest {
  return firstByte.toString(16).padStart(2, '0').padEnd(64, '0') as Digest;
}

export const RED = '2c34ce1df23b838c5abf2a7f6437cca3d3067ed509ff25f11df6b11b582b51eb' as Digest;
export const BLUE = '3d0ad12b8ee8928edf248ca91ca55600fb383f07c32bff1d6dec472b25cf59a7' as Digest;
export const GREEN = 'e902a9a86640bfdb1cd0e36c0cc982b83e5765fad5f6bbe6abdcce7b5ae7d7c7' as Digest;
