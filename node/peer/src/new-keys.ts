// Binding the site's keys anew: the record is made once, kept on disk, and asked for until a roster
// lists it, so that administrators who have signed it need not sign another.

import {
  type ChannelKey,
  type Identity,
  openBinding,
  openMessage,
  sealBinding,
  sealMessage,
  sealRotation,
} from '@starling/crypto';
import { openRoster } from '@starling/rules';
import type { JoinResponse, RosterMember, Sequence } from '@starling/shared';
import {
  BINDING_LIFE_MS,
  bytesSchema,
  COSIGNED_BYTES_MAX,
  decodeCanonical,
  encodeCanonical,
  JOIN_PROTOCOL,
  joinRequest,
  joinResponse,
  z,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import { JOIN_ANSWER_BYTES_MAX } from './join-federation.ts';
import type { SiteMembership } from './membership.ts';

const RECORD_KEY = 'new-keys';

const recordsSchema = z.strictObject({ binding: bytesSchema, rotation: bytesSchema.nullable() });
type Records = z.infer<typeof recordsSchema>;

export interface Keys {
  readonly identity: Identity;
  readonly channelKey: ChannelKey;
}

/** True when the roster in force lists exactly these keys. */
export function areListed({ channelKey, identity }: Keys, membership: SiteMembership): boolean {
  return membership.roster.members.some(
    ({ member, transportId }) =>
      member === identity.member && transportId === channelKey.transportId,
  );
}

/**
 * Asks the coordinator once that `keys` take the place of those in `entry`. @returns whether a
 * roster that counts lists them now.
 * @throws {BusError} when the coordinator cannot be asked; try again later.
 */
export async function askForKeys(
  world: PeerDependencies,
  parts: { readonly membership: SiteMembership; readonly sequence: Sequence },
  keys: Keys,
  signal: AbortSignal,
): Promise<boolean> {
  const { bus, clock, logger } = world;
  const { membership, sequence } = parts;
  const { coordinator, federation } = membership;
  const entry = ownEntry(world, membership, keys);
  if (coordinator === undefined || entry === undefined) return false;
  const records = await recordsFor(world, membership, keys, entry);
  const request = sealMessage(keys.identity, joinRequest, {
    federation,
    body: { ...records, invitation: null },
    ...sequence.stamp(),
  });
  const answer = await bus.request(coordinator.transportId, JOIN_PROTOCOL, request, {
    answerBytesMax: JOIN_ANSWER_BYTES_MAX,
    signal,
  });
  const response = openMessage(answer, joinResponse, {
    federation,
    nowMs: clock.nowMs(),
    keyOf: (sender) => membership.keyOf(sender, 'coordinator'),
  });
  if (!response.ok) {
    logger.warn('new keys: no answer that counts', { detail: response.refusal.detail });
    return false;
  }
  const { body } = response.value;
  if (body.outcome === 'admitted') return takesPlace(body, membership, keys, clock.nowMs());
  const { outcome } = body;
  const detail = outcome === 'refused' ? body.reason : body.why;
  logger.info('new keys are not in force yet', { outcome, detail });
  return false;
}

/**
 * Whether the answer's roster counts and lists the keys. It may skip some that this site has not
 * seen; those are followed under the new keys, which are the only ones that are heard now.
 */
async function takesPlace(
  { roster }: Extract<JoinResponse, { outcome: 'admitted' }>,
  membership: SiteMembership,
  { channelKey, identity }: Keys,
  nowMs: number,
): Promise<boolean> {
  const opened = openRoster(roster, membership);
  if (!opened.ok || opened.value.body.notAfterMs <= nowMs) return false;
  if (opened.value.body.seq < membership.roster.seq) return false;
  await membership.offer(roster, nowMs);
  return opened.value.body.members.some(
    ({ member, transportId }) =>
      member === identity.member && transportId === channelKey.transportId,
  );
}

function ownEntry(
  { identity }: PeerDependencies,
  { roster }: SiteMembership,
  keys: Keys,
): RosterMember | undefined {
  const own = [identity.member, keys.identity.member];
  return roster.members.find(({ member }) => own.includes(member));
}

async function recordsFor(
  { clock, identity, store }: PeerDependencies,
  { federation }: SiteMembership,
  keys: Keys,
  entry: RosterMember,
): Promise<Records> {
  const nowMs = clock.nowMs();
  const kept = read(await store.get('state', RECORD_KEY));
  const known = kept && openBinding(kept.binding, { federation, nowMs });
  if (kept !== undefined && known?.ok) {
    const { member, previous, transportId } = known.value.body;
    const isSame = member === keys.identity.member && transportId === keys.channelKey.transportId;
    if (isSame && (previous === entry.binding || known.value.bodyDigest === entry.binding)) {
      return kept;
    }
  }
  const binding = sealBinding(keys.identity, keys.channelKey, {
    federation,
    site: entry.site,
    seq: entry.bindingSeq + 1,
    previous: entry.binding,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + BINDING_LIFE_MS,
  });
  const bound = openBinding(binding, { federation });
  if (!bound.ok) throw new TypeError(bound.refusal.detail);
  const isRotation = keys.identity.member !== identity.member;
  const terms = { federation, bindingDigest: bound.value.bodyDigest };
  const rotation = isRotation ? sealRotation(identity, keys.identity, terms) : null;
  const records = { binding, rotation };
  await store.write([{ table: 'state', key: RECORD_KEY, value: encodeCanonical(records) }]);
  return records;
}

function read(bytes: Uint8Array | undefined): Records | undefined {
  if (bytes === undefined) return undefined;
  const decoded = decodeCanonical(bytes, 2 * COSIGNED_BYTES_MAX + 1024);
  return recordsSchema.safeParse(decoded.ok ? decoded.value : undefined).data;
}
