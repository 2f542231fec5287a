// Samples that a trainer keeps where it trains, because the rounds of a federation fit the same ones
// again and again.

import type { GraphHost } from './graph-host.ts';

export class SampleSet implements Disposable {
  readonly size: number;
  /** The number by which its host knows it. */
  readonly held: number;
  readonly host: GraphHost;

  constructor(host: GraphHost, held: number, size: number) {
    this.host = host;
    this.held = held;
    this.size = size;
  }

  /** Frees the memory; a fit on the set is refused from now on. */
  release(): void {
    this.host.letGo(this.held);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
