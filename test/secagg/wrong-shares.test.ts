// R4 with wrong shares: whoever gave one is named, and the sum comes from the others.

import type { OpenResult } from '@starling/crypto';
import type { MemberId } from '@starling/shared';
import test from 'ava';
import { nonCanonical } from './non-canonical.ts';
import { SimulatedSession } from './simulated-session.ts';
import type { Silence } from './stage.ts';
import {
  dealsOtherSecrets,
  HostileStage,
  keepsBackAShare,
  revealsWrongOwnShare,
  revealsWrongShares,
  sealsBrokenPacketFor,
  type Tamper,
} from './tampers.ts';

/** Four members, of whom three must answer, run until R4 is in; the one at `position` tampers. */
async function revealed(tamper: Tamper, silence?: Silence, position = 0) {
  const simulation = new SimulatedSession({
    participants: 4,
    elements: 3,
    ring: 32,
    seed: 4,
    ...(silence === undefined ? {} : { silent: new Map([[3, silence]]) }),
    stage: (coordinator) =>
      new HostileStage(coordinator, (at) => (at === position ? tamper : undefined)),
  });
  await simulation.start();
  for (let next = simulation.coordinator.close(); next !== 'open'; ) {
    if (next === undefined) break;
    await simulation.announce(next);
    next = simulation.coordinator.close();
  }
  const [hostile] = [...simulation.members.keys()].slice(position) as [MemberId];
  return { simulation, hostile, secrets: await simulation.coordinator.secrets() };
}

for (const [title, tamper] of [
  ['reveals wrong shares', revealsWrongShares],
  ['keeps back a share', keepsBackAShare],
] as const) {
  test(`a member that ${title} is named, and the sum is exact without its shares`, async (t) => {
    const { simulation, hostile, secrets } = await revealed(tamper);
    t.deepEqual(outcome(secrets), { ok: true, faulty: [hostile] });
    const { words } = await simulation.coordinator.open();
    t.deepEqual(words, await simulation.plainSum([...simulation.members.keys()]));
  });

  test(`one that ${title} among just enough is named, and nobody else is blamed`, async (t) => {
    const { hostile, secrets } = await revealed(tamper, 'survivors');
    t.deepEqual(outcome(secrets), { ok: false, faulty: [hostile], blamed: [] });
  });

  test(`one that ${title} is named for the seed of a member that dropped out`, async (t) => {
    const { hostile, secrets } = await revealed(tamper, 'shares');
    t.deepEqual(outcome(secrets), { ok: false, faulty: [hostile], blamed: [] });
  });
}

test('a share of its own secret that a dealer garbles is not needed', async (t) => {
  t.deepEqual(outcome((await revealed(revealsWrongOwnShare)).secrets), { ok: true, faulty: [] });
  const { hostile, secrets } = await revealed(revealsWrongOwnShare, 'survivors');
  t.deepEqual(outcome(secrets), { ok: false, faulty: [hostile], blamed: [] });
});

test('a dealer that shared another secret than it committed to is blamed', async (t) => {
  const { hostile, secrets } = await revealed(dealsOtherSecrets);
  t.deepEqual(outcome(secrets), { ok: false, faulty: [], blamed: [hostile] });
  const dropped = await revealed(dealsOtherSecrets, 'shares', 3);
  t.deepEqual(outcome(dropped.secrets), { ok: false, faulty: [], blamed: [dropped.hostile] });
});

/** Whom the opening names. */
function outcome(secrets: OpenResult) {
  const { faulty, ok } = secrets;
  return ok ? { ok, faulty } : { ok, faulty, blamed: secrets.blamed };
}

const packets: readonly (readonly [string, ((leaf: Uint8Array) => Uint8Array) | undefined])[] = [
  ['does not open', undefined],
  ['is in another encoding', nonCanonical],
  ['is cut off', (leaf) => leaf.slice(0, -1)],
];

for (const [title, broken] of packets) {
  test(`a packet that ${title} ends the attempt, with dealer and recipient left out`, async (t) => {
    const { simulation, hostile } = await withBrokenPacket(3, broken);
    const victim = [...simulation.members.keys()][3] as MemberId;
    const { abort, phase } = simulation.of(victim).state;
    t.deepEqual([phase, abort?.reason], ['aborted', 'faulty-packet']);
    const { failed } = simulation.coordinator.state;
    t.is(failed?.reason, 'complaint');
    t.deepEqual(failed?.blamed, [hostile, victim].sort());
    t.false(simulation.heard.some(({ effect }) => effect.kind === 'say-unmask'));
  });
}

/** Four members; the first seals a broken packet for the one at this position. */
async function withBrokenPacket(victim: number, broken?: (leaf: Uint8Array) => Uint8Array) {
  const simulation: SimulatedSession = new SimulatedSession({
    participants: 4,
    elements: 3,
    ring: 32,
    seed: 4,
    stage: (coordinator) => {
      const isVictim = (each: MemberId) => simulation.of(each).position === victim;
      const tamper = sealsBrokenPacketFor(isVictim, broken);
      return new HostileStage(coordinator, (at) => (at === 0 ? tamper : undefined));
    },
  });
  await simulation.run();
  const [hostile] = [...simulation.members.keys()] as [MemberId];
  return { simulation, hostile };
}
