// A federation of administrators and sites with real keys, and rosters as they would sign them.

import {
  type ChannelKey,
  createChannelKey,
  createIdentity,
  digestOf,
  encodeBody,
  type Identity,
  openBinding,
  sealBinding,
  signStatement,
} from '@starling/crypto';
import type { Digest, FederationId, Genesis, Roster } from '@starling/shared';
import { BINDING_LIFE_MS, roster } from '@starling/shared';
import { firstRoster, START_MS } from '../history-fixture.ts';
import { type BoundKeys, entryFor } from './next-roster.ts';
import { encodeSignedRoster, type RosterTrust } from './open-roster.ts';

export const federation = 'fe'.repeat(32) as FederationId;

/** In ascending order of their ids, so that the fixtures read like the wire. */
export const ADMINISTRATORS: readonly Identity[] = [11, 12, 13, 14, 15]
  .map((n) => createIdentity(new Uint8Array(32).fill(n)))
  .sort((a, b) => (a.member < b.member ? -1 : 1));

export const [COORDINATOR] = ADMINISTRATORS as readonly [Identity];

export function trustIn(threshold: number, count = ADMINISTRATORS.length): RosterTrust {
  const administrators = ADMINISTRATORS.slice(0, count).map(({ member, publicKey }) => {
    return { member, publicKey };
  });
  const [coordinator] = administrators;
  if (coordinator === undefined) throw new RangeError('no administrators');
  // Only what rosters are checked against.
  const genesis = { administrators, coordinator, threshold } as unknown as Genesis;
  return { federation, genesis };
}

export interface Keys {
  readonly identity: Identity;
  readonly channel: ChannelKey;
}

/** Keys of a site, the same for the same number. */
export function keysOf(n: number): Keys {
  const seed = new Uint8Array(32).fill(n);
  return { identity: createIdentity(seed), channel: createChannelKey(seed) };
}

/** A binding record, opened. */
export function bind(
  { channel, identity }: Keys,
  site: string,
  before?: { readonly binding: Digest; readonly bindingSeq: number },
): BoundKeys & { readonly record: Uint8Array } {
  const record = sealBinding(identity, channel, {
    federation,
    site,
    seq: (before?.bindingSeq ?? 0) + 1,
    previous: before?.binding ?? null,
    notBeforeMs: START_MS,
    notAfterMs: START_MS + BINDING_LIFE_MS,
  });
  const opened = openBinding(record, { federation });
  if (!opened.ok) throw new Error(opened.refusal.detail);
  return { ...opened.value, record };
}

/** A roster of the coordinator alone. */
export function foundedRoster(): Roster {
  const { channel } = keysOf(99);
  const fixed = { formerly: null, role: 'coordinator', sinceMs: START_MS } as const;
  const own = entryFor(bind({ channel, identity: COORDINATOR }, 'coordinator'), fixed);
  return { ...firstRoster(), members: [own] };
}

export function digestOfRoster(body: Roster): Digest {
  return digestOf(encodeBody(roster, body));
}

/** A roster signed by these, in their order, whoever they are. */
export function signedBy(body: Roster, signers: readonly Identity[]): Uint8Array {
  const bytes = encodeBody(roster, body);
  return encodeSignedRoster(
    bytes,
    new Map(signers.map((it) => [it.member, signStatement(it, roster, federation, bytes)])),
  );
}
