// A copy of bytes. `slice()` would do for a Uint8Array, but on a Buffer it gives a view.

export function copied(bytes: Uint8Array): Uint8Array;
export function copied(bytes: Uint8Array | undefined): Uint8Array | undefined;
export function copied(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}
