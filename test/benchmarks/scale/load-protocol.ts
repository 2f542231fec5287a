// What the scale benchmark and its load process tell each other.

import type { FederationId, MemberId } from '@starling/shared';

/** `rounds`: members that take part in a federation. `data`: frames and payloads for one sum. */
export type LoadCommand =
  | {
      readonly kind: 'join';
      readonly folder: string;
      readonly elements: number;
      readonly invitations: readonly Uint8Array[];
    }
  | {
      readonly kind: 'offer';
      readonly folder: string;
      readonly elements: number;
      readonly members: number;
      readonly federation: FederationId;
    };

export interface SignedUpdates {
  readonly frames: readonly Uint8Array[];
  readonly authors: readonly { readonly member: MemberId; readonly publicKey: Uint8Array }[];
  readonly address: string;
  readonly transportId: string;
}

export type LoadReport =
  | { readonly kind: 'joined' }
  | { readonly kind: 'offered'; readonly updates: SignedUpdates }
  | { readonly kind: 'failed'; readonly why: string };
