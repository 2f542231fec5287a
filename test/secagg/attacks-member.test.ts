// Members that break the protocol over the network: each is named and left out, the others' sum comes
// where it can, and no honest site is blamed.

import type { Digest, MemberId } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { MaskedRun } from '../cluster/masked-run.ts';
import { HostileParticipant, type Speech } from './hostile-participant.ts';
import type { Saying } from './stage.ts';
import {
  dealsOtherSecrets,
  flipped,
  HONEST,
  keepsBackAShare,
  revealsWrongShares,
  type Tamper,
} from './tampers.ts';

const OTHER = 'e'.repeat(64) as Digest;

/** Honest sites and hostile participants of one federation. */
async function withHostile(t: ExecutionContext, sites: number, ...names: readonly string[]) {
  const run = await MaskedRun.start(t, sites);
  const hostile: HostileParticipant[] = [];
  for (const name of names) {
    const participant = await HostileParticipant.join(run.cluster, name);
    t.teardown(() => participant.node.close());
    hostile.push(participant);
  }
  await run.untilReady();
  return { run, hostile: hostile as [HostileParticipant, HostileParticipant] };
}

test('a member with wrong shares in R4 is named, and the sum comes from the others', async (t) => {
  const { run, hostile } = await withHostile(t, 4, 'mallory');
  const [mallory] = hostile;
  const tampers: readonly Tamper[] = [revealsWrongShares, keepsBackAShare];
  for (const [i, tamper] of tampers.entries()) {
    mallory.tamper = tamper;
    run.hold('unmask', 0);
    await run.next();
    await run.cluster.untilEvent('session-faulted', i + 1);
    t.is(run.round.phase, 'unmasking', 'the sum waits for one more');
    run.letGo('unmask', 0);
    await run.cluster.untilEvent('version-finalised', i + 1);
    t.deepEqual([...(run.sessions[0]?.faulted ?? [])], [mallory.member]);
    t.deepEqual(run.missing(), []);
  }
});

/** Says a second, different thing wherever it says one of these. */
function contradicts(kind: Saying['kind'], change: (body: never) => object): Speech {
  return (saying) => {
    if (saying.kind !== kind) return [saying.body];
    return [saying.body, { ...saying.body, ...change(saying.body as never) } as Saying['body']];
  };
}

const contradictions: readonly (readonly [Saying['kind'], (body: never) => object])[] = [
  ['say-keys', () => ({ seedCommitment: OTHER })],
  ['say-shares', () => ({ root: OTHER })],
  ['say-masked', ({ payload }: { payload: object }) => ({ payload: { ...payload, root: OTHER } })],
  ['say-survivors', () => ({ root: OTHER })],
  ['say-unmask', ({ box }: { box: Uint8Array }) => ({ box: flipped(box) })],
];

test('a member that says two things is left out from there on, with both on record', async (t) => {
  const { run, hostile } = await withHostile(t, 4, 'mallory');
  const [mallory] = hostile;
  for (const [i, [kind, change]] of contradictions.entries()) {
    mallory.speech = contradicts(kind, change);
    const type = kind.slice(4) as 'keys';
    // One honest site is slow, so that the phase is still open.
    run.hold(type, 0);
    await run.next();
    await run.cluster.untilEvent('session-equivocated', i + 1);
    run.letGo(type, 0);
    await run.cluster.untilEvent('version-finalised', i + 1);
    const [session] = run.sessions;
    t.deepEqual([...(session?.equivocated.keys() ?? [])], [mallory.member], kind);
    t.truthy(session?.[type].get(mallory.member), 'the first one stands');
    const isIn = kind === 'say-survivors' || kind === 'say-unmask';
    t.deepEqual(run.missing(), isIn ? [] : [[mallory.member, 'refused']], kind);
  }
  t.is(run.sessions.length, 1);
});

test('a vector that nobody can pull, other survivors, odd keys: the round goes on without', async (t) => {
  const { run, hostile } = await withHostile(t, 4, 'mallory');
  const [mallory] = hostile;
  mallory.isOffering = false;
  await run.next();
  await run.cluster.untilEvent('version-finalised', 1);
  t.deepEqual(run.missing(), [[mallory.member, 'timeout']]);
  t.deepEqual(await run.opened(), { seeds: 1, selves: 4 });
  mallory.isOffering = true;
  mallory.speech = ({ body, kind }) => {
    return [kind === 'say-survivors' ? ({ ...body, sharers: OTHER } as Saying['body']) : body];
  };
  await run.next();
  await run.cluster.untilEvent('version-finalised', 2);
  t.deepEqual(run.missing(), []);
  t.false(run.sessions[0]?.survivors.has(mallory.member));
  const refused = { outcome: 'wrong-shape' };
  t.true(run.cluster.node.counted('starling_coordinator_messages_total', refused) > 0);
  mallory.speech = ({ body, kind }) => {
    const channelKey = new Uint8Array(1216).fill(255);
    return [kind === 'say-keys' ? ({ ...body, channelKey } as Saying['body']) : body];
  };
  await run.next();
  await run.cluster.untilEvent('version-finalised', 3);
  const [first, second] = run.sessions;
  t.is(first?.failed?.reason, 'complaint');
  t.is(first?.complaints.size, 4);
  t.deepEqual(first?.failed?.blamed, [mallory.member]);
  t.deepEqual(second?.session.announce.participants, run.members(0, 1, 2, 3));
  t.deepEqual(run.missing(), [[mallory.member, 'refused']]);
});

/** Complains about a member instead of masking, in the attempts where there is one to accuse. */
function accuses(accusedIn: (attempt: number) => MemberId | undefined): Tamper {
  return (state, event) => {
    const accused = accusedIn(state.session.announce.attempt);
    if (event.kind !== 'packets' || accused === undefined) return [state, event];
    const reason = 'packet-mismatch';
    return [state, { kind: 'faulty-packet', accused, reason, detail: '', evidence: [] }];
  };
}

test('two accusers leave out one; a single one is left out with whom it accused', async (t) => {
  const { run, hostile } = await withHostile(t, 4, 'mallory', 'oscar');
  const [mallory, oscar] = hostile;
  const [first] = run.members(2) as [MemberId];
  const [second] = run.members(3) as [MemberId];
  mallory.tamper = accuses((attempt) => (attempt === 1 ? first : second));
  oscar.tamper = accuses((attempt) => (attempt === 1 ? first : undefined));
  await run.next();
  await run.cluster.untilEvent('aggregate-published', 1);
  const pair = [mallory.member, second].sort();
  t.deepEqual(
    run.sessions.map(({ failed }) => failed?.blamed),
    [[first], pair, undefined],
  );
  t.deepEqual(
    run.sessions.map(({ complaints }) => complaints.size),
    [2, 1, 0],
  );
  t.deepEqual(
    run.sessions.at(-1)?.session.announce.participants,
    [...run.members(0, 1), oscar.member].sort(),
  );
  const left = [first, ...pair].sort();
  t.deepEqual(
    run.missing().sort(),
    left.map((member) => [member, 'refused'] as const),
  );
});

test('a dealer of other secrets and a poisoned sum end a round by name, and the run goes on', async (t) => {
  const { run, hostile } = await withHostile(t, 4, 'mallory');
  const [mallory] = hostile;
  mallory.tamper = dealsOtherSecrets;
  await run.next();
  await run.cluster.untilEvent('round-failed', 1);
  t.is(run.sessions[0]?.failed?.reason, 'faulty-shares');
  t.deepEqual(run.sessions[0]?.failed?.blamed, [mallory.member]);
  t.deepEqual(run.missing(), [[mallory.member, 'refused']]);
  mallory.tamper = HONEST;
  mallory.update = (elements) => new Float32Array(elements).fill(1);
  mallory.examples = 1_000;
  await run.next();
  await run.cluster.untilEvent('round-failed', 2);
  const failed = run.sessions[0]?.failed;
  t.is(failed?.reason, 'unusable-sum');
  t.regex(failed?.detail ?? '', /the mean's norm is .*, at most 5\./);
  mallory.update = (elements) => new Float32Array(elements);
  await run.next();
  await run.cluster.untilEvent('version-finalised', 1);
  t.deepEqual(run.missing(), []);
});
