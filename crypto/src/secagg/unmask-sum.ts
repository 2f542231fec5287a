// What has to be taken off the sum of the survivors' vectors: their self masks, and the pair masks
// that they share with members that dropped out.

import { type Checked, checked, type MemberId, refused } from '@starling/shared';
import { createXWingKey } from '../kem/x-wing.ts';
import { edgeSecret, maskKeySeed, pairMaskSeed, selfMaskSeed } from './derive.ts';
import type { Mask } from './masks.ts';
import type { OpenedSecrets } from './open-masks.ts';
import { type Pace, yieldingPace } from './pace.ts';
import type { Session } from './session.ts';
import { decodeLeaf, unwrapEdge } from './share-packets.ts';

/** The leaf that a survivor sealed for a dropped member with a higher id. */
export type WrapSource = (survivor: MemberId, dropped: MemberId) => Uint8Array | undefined;

/** Pair values that are opened between two pauses: 2 ms natively, 15 with the portable library. */
const EDGES_PER_TURN = 4;

/** The masks with the signs that take them off the sum. */
export async function masksOfSum(
  session: Session,
  { selves, seeds }: OpenedSecrets,
  wrapOf: WrapSource,
  pace: Pace = yieldingPace,
): Promise<Checked<Mask[]>> {
  const alive = new Set(selves.map(({ member }) => member));
  const masks: Mask[] = selves.map(({ member, secret }) => ({
    seed: selfMaskSeed(secret, session.id, member),
    sign: -1,
  }));
  for (const { member: dropped, secret } of seeds) {
    const maskKey = createXWingKey(maskKeySeed(secret, session.id, dropped));
    for (const survivor of session.neighbours.get(dropped) ?? []) {
      if (!alive.has(survivor)) continue;
      const isLower = survivor < dropped;
      const [lower, higher] = isLower ? [survivor, dropped] : [dropped, survivor];
      const edge = isLower
        ? openedWrap(session, survivor, dropped, { maskKey }, wrapOf)
        : edgeSecret(secret, session.id, lower, higher);
      if (edge === undefined) {
        return refused('wrong-shape', `the pair value of ${survivor} and ${dropped} is missing`);
      }
      const seed = pairMaskSeed(edge, session.id, lower, higher);
      masks.push({ seed, sign: isLower ? -1 : 1 });
      if (masks.length % EDGES_PER_TURN === 0) await pace.pause();
    }
  }
  return checked(masks);
}

/** Pairs whose wraps a transcript must hold: a survivor with the lower id, a dropped member. */
export function wrapsNeeded(
  session: Session,
  sharers: readonly MemberId[],
  survivors: readonly MemberId[],
): { readonly survivor: MemberId; readonly dropped: MemberId }[] {
  const alive = new Set(survivors);
  return sharers
    .filter((member) => !alive.has(member))
    .flatMap((dropped) =>
      (session.neighbours.get(dropped) ?? [])
        .filter((survivor) => alive.has(survivor) && survivor < dropped)
        .map((survivor) => ({ survivor, dropped })),
    );
}

function openedWrap(
  session: Session,
  survivor: MemberId,
  dropped: MemberId,
  keys: Parameters<typeof unwrapEdge>[3],
  wrapOf: WrapSource,
): Uint8Array | undefined {
  const bytes = wrapOf(survivor, dropped);
  const leaf = bytes === undefined ? undefined : decodeLeaf(bytes);
  if (leaf === undefined || !leaf.ok) return undefined;
  return unwrapEdge(session, survivor, dropped, keys, leaf.value);
}
