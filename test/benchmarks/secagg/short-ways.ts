// How members that are not measured spare a large session its quadratic work: pairs in which nobody
// is measured or drops out hand their shares over in memory and leave out a mask that would cancel.

import { type MemberEvent, type MemberTask, runMemberTask, systemRandom } from '@starling/crypto';
import { encodeCanonical, type MemberId, type ShareLeaf } from '@starling/shared';
import { NO_PACE } from '../../secagg/session-fixture.ts';
import type { SimulatedMember } from '../../secagg/stage.ts';

type IsReal = (one: MemberId, other: MemberId) => boolean;

export function computeShort(
  member: SimulatedMember,
  task: MemberTask,
  members: ReadonlyMap<MemberId, SimulatedMember>,
  isReal: IsReal,
): Promise<MemberEvent> {
  return task.kind === 'seal'
    ? sealShort(member, task, isReal)
    : openShort(member, task, members, isReal);
}

async function sealShort(
  { identity, state }: SimulatedMember,
  task: MemberTask & { kind: 'seal' },
  isReal: IsReal,
): Promise<MemberEvent> {
  const self = identity.member;
  const recipients = new Map([...task.recipients].filter(([to]) => isReal(self, to)));
  const sealed = await runMemberTask(state, { kind: 'seal', recipients }, systemRandom, NO_PACE);
  if (sealed.kind !== 'sealed') throw new TypeError(`sealing ended in ${sealed.kind}`);
  const real = sealed.leaves[Symbol.iterator]();
  const leaves = [...task.recipients.keys()].map((to) => {
    return isReal(self, to) ? (real.next().value ?? new Uint8Array()) : emptyLeaf(self, to);
  });
  return { ...sealed, leaves };
}

async function openShort(
  { identity, state }: SimulatedMember,
  task: MemberTask & { kind: 'open' },
  members: ReadonlyMap<MemberId, SimulatedMember>,
  isReal: IsReal,
): Promise<MemberEvent> {
  const self = identity.member;
  const packets = task.packets.filter(({ member }) => isReal(self, member));
  const event = await runMemberTask(state, { kind: 'open', packets }, systemRandom, NO_PACE);
  if (event.kind !== 'opened') throw new TypeError(`opening ended in ${event.kind}`);
  const opened = task.packets.map(({ member: dealer }) => {
    const real = event.opened.get(dealer);
    if (real !== undefined) return [dealer, real] as const;
    const held = members.get(dealer)?.state.dealt.get(self);
    if (held === undefined) throw new TypeError(`${dealer} dealt nothing to ${self}`);
    const shares = { x: held.x, self: held.self.slice(), seed: held.seed.slice() };
    return [dealer, { shares, edge: dealer < self ? systemRandom(32) : undefined }] as const;
  });
  return { kind: 'opened', opened: new Map(opened) };
}

/** As many bytes as a leaf has. */
function emptyLeaf(dealer: MemberId, recipient: MemberId): Uint8Array {
  const zeros = '0'.repeat(64) as ShareLeaf['seedShareCommitment'];
  const ciphertext = new Uint8Array(1120);
  return encodeCanonical({
    box: new Uint8Array(82),
    ciphertext,
    recipient,
    seedShareCommitment: zeros,
    selfShareCommitment: zeros,
    wrap: dealer < recipient ? { box: new Uint8Array(48), ciphertext } : null,
  });
}
