// What the benchmark and its site processes tell each other over the channel of `fork`.

export type Contender = 'unsigned' | 'signed';
/** `inline`: the bytes travel on gossip. `pulled`: gossip carries their root, peers pull them. */
export type Delivery = 'inline' | 'pulled';

export interface Load {
  readonly contender: Contender;
  readonly delivery: Delivery;
  readonly payloadBytes: number;
  /** All contents follow from it. */
  readonly seed: number;
  /** Messages of each site. */
  readonly messages: number;
  /** Pause between two messages of a site; 0 sends as fast as the bus takes them. */
  readonly periodMs: number;
}

export interface Site {
  readonly address: string;
  readonly transport: string;
  readonly member: string;
  readonly publicKeyBase64: string;
}

export type Command =
  | { readonly kind: 'meet'; readonly sites: readonly Site[]; readonly self: number }
  | { readonly kind: 'prepare'; readonly load: Load }
  | { readonly kind: 'send' }
  | { readonly kind: 'collect' }
  | { readonly kind: 'stop' };

/** Message name and the instant, in milliseconds since the epoch with fractions. */
export type Mark = readonly [message: string, atMs: number];

export interface Observed {
  readonly sent: readonly Mark[];
  readonly received: readonly Mark[];
  /** CPU time since `prepare`. */
  readonly cpuMicros: number;
}

export type Report =
  | { readonly kind: 'started'; readonly site: Site }
  | { readonly kind: 'met' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'sent' }
  /** Every message of every other site has arrived. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'observed'; readonly observed: Observed };
