// What canonical CBOR holds here, and how deep.

/** Nesting beyond this is refused, written or read. */
export const CBOR_DEPTH_MAX = 16;

export type CborValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };
