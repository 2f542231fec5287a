// Payloads that are served, kept in memory up to a number of bytes; the longest unused goes first.

export class PayloadCache {
  readonly bytesMax: number;
  readonly #payloads = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get(root: string): Uint8Array | undefined {
    const payload = this.#payloads.get(root);
    if (payload === undefined) return undefined;
    this.#payloads.delete(root);
    this.#payloads.set(root, payload);
    return payload;
  }

  /** Keeps `payload`, which nobody may change afterwards, unless it alone exceeds the limit. */
  put(root: string, payload: Uint8Array): void {
    this.delete(root);
    if (payload.byteLength > this.bytesMax) return;
    this.#payloads.set(root, payload);
    this.#bytes += payload.byteLength;
    for (const oldest of this.#payloads.keys()) {
      if (this.#bytes <= this.bytesMax) return;
      this.delete(oldest);
    }
  }

  delete(root: string): void {
    const payload = this.#payloads.get(root);
    if (payload === undefined) return;
    this.#payloads.delete(root);
    this.#bytes -= payload.byteLength;
  }
}
