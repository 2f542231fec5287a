// What the coordinator's machine takes from members, and what it makes of those that break the rules.

import {
  audienceOf,
  createIdentity,
  type Identity,
  type MemberStatement,
  sealMessage,
  stepCoordinator,
  toStatement,
} from '@starling/crypto';
import { readFrame } from '@starling/rules';
import type { Digest, MemberId, MessageDefinition, RefusalReason } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { FEDERATION, SAYS } from './session-fixture.ts';
import { SimulatedSession } from './simulated-session.ts';
import type { Saying } from './stage.ts';

const NOBODY = 'a'.repeat(64) as MemberId;
const OTHER = 'b'.repeat(64) as Digest;

/** Five members up to the phase in which the coordinator collects what `upTo` names. */
async function collecting(phase: 'keys' | 'shares' | 'masked' | 'survivors' | 'unmask') {
  const simulation = new SimulatedSession({ participants: 5, elements: 3, ring: 32, seed: 5 });
  const members = [...simulation.members.keys()] as [MemberId, MemberId, MemberId, MemberId];
  const { coordinator } = simulation;
  await simulation.start();
  while (coordinator.state.phase !== phase) {
    const next = coordinator.close();
    if (next === undefined || next === 'open') throw new Error(`no phase ${phase}`);
    await simulation.announce(next);
  }
  const say = (from: MemberId | Identity, kind: Saying['kind'], changes: object = {}) => {
    const identity = typeof from === 'string' ? simulation.of(from).identity : from;
    return coordinator.take(statementOf(identity, kind, bodyOf(kind, identity.member, changes)));
  };
  const bodyOf = (kind: Saying['kind'], member: MemberId, changes: object) => {
    const said = simulation.heard.find((each) => {
      return each.member === member && each.effect.kind === kind;
    });
    const standard = { session: simulation.session.id };
    const body = said === undefined ? standard : (said.effect as Saying).body;
    return { ...body, ...changes } as Saying['body'];
  };
  return { simulation, coordinator, members, say };
}

function statementOf(identity: Identity, kind: Saying['kind'], body: unknown): MemberStatement {
  const definition = SAYS[kind] as MessageDefinition<unknown>;
  const frame = sealMessage<unknown>(identity, definition, { federation: FEDERATION, body });
  const { body: read, bodyDigest: digest, sender, signature } = readFrame(frame, definition);
  return toStatement(definition.type, { member: sender, body: read, digest, frame, signature });
}

function refuses(
  t: ExecutionContext,
  refused: { reason: RefusalReason } | undefined,
  reason: RefusalReason | undefined,
) {
  t.is(refused?.reason, reason);
}

test('a statement of another session, of a stranger and of a failed session is refused', async (t) => {
  const { coordinator, members, say } = await collecting('keys');
  const [a] = members;
  refuses(t, say(a, 'say-keys', { session: OTHER }), 'stale-round');
  const stranger = createIdentity(new Uint8Array(32));
  const { advertisement } = (await collecting('keys')).simulation.of(a).state;
  const { id: session } = coordinator.session;
  const keys = { ...advertisement, session };
  refuses(t, coordinator.take(statementOf(stranger, 'say-keys', keys)), 'not-in-cohort');
  const failed = { kind: 'failed', reason: 'too-few', detail: '', blamed: [] } as const;
  coordinator.state = stepCoordinator(coordinator.state, failed).state;
  refuses(t, say(a, 'say-keys'), 'stale-round');
});

test('a repetition is a duplicate; another statement in its place is equivocation', async (t) => {
  const { coordinator, members, say } = await collecting('keys');
  const [a] = members;
  refuses(t, say(a, 'say-keys'), 'duplicate');
  refuses(t, say(a, 'say-keys', { seedCommitment: OTHER }), 'equivocation');
  const equivocated = { kind: 'equivocated', member: a, frame: new Uint8Array() } as const;
  coordinator.state = stepCoordinator(coordinator.state, equivocated).state;
  t.false(audienceOf(coordinator.state).includes(a));
  const sharing = coordinator.close();
  t.deepEqual(sharing, {
    members: members.slice(1),
    phase: 'sharing',
    root: typeof sharing === 'object' ? sharing.root : OTHER,
    session: coordinator.session.id,
  });
  refuses(t, say(a, 'say-masked', masked), 'not-permitted');
});

const masked = { commitment: OTHER, payload: { bytes: 1, root: OTHER }, sharers: OTHER };

test('what comes out of order or from whom it was not asked for is refused', async (t) => {
  const { coordinator, members, say } = await collecting('shares');
  const [a, b] = members;
  coordinator.state = {
    ...coordinator.state,
    shares: new Map([...coordinator.state.shares].filter(([member]) => member !== a)),
  };
  coordinator.close();
  refuses(t, say(a, 'say-shares'), 'stale-round');
  refuses(t, say(a, 'say-masked', masked), 'not-in-cohort');
  const survivors = { members, root: OTHER, sharers: OTHER };
  refuses(t, say(b, 'say-survivors', survivors), 'future-round');
});

test('keys of a wrong length and keys that were advertised before are refused', async (t) => {
  const { coordinator, members, say, simulation } = await collecting('keys');
  const [a, b] = members;
  const { channelKey } = simulation.of(b).state.advertisement;
  const { keys } = coordinator.state;
  coordinator.state = { ...coordinator.state, keys: new Map([...keys].filter(([of]) => of !== a)) };
  refuses(t, say(a, 'say-keys', { maskKey: channelKey.slice(1) }), 'wrong-shape');
  refuses(t, say(a, 'say-keys', { maskKey: channelKey }), 'wrong-shape');
  const own = simulation.of(a).state.advertisement.channelKey;
  refuses(t, say(a, 'say-keys', { maskKey: own }), 'wrong-shape');
  refuses(t, say(a, 'say-keys'), undefined);
});

test('shares under other keys, vectors under other masks, other survivors are refused', async (t) => {
  const sharing = await collecting('shares');
  const [a] = sharing.members;
  sharing.coordinator.state = { ...sharing.coordinator.state, shares: new Map() };
  refuses(t, sharing.say(a, 'say-shares', { advertised: OTHER }), 'wrong-shape');
  refuses(t, sharing.say(a, 'say-shares', { leaves: 3 }), 'wrong-shape');
  refuses(t, sharing.say(a, 'say-shares'), undefined);
  const masking = await collecting('masked');
  masking.coordinator.state = { ...masking.coordinator.state, masked: new Map() };
  refuses(t, masking.say(a, 'say-masked', { sharers: OTHER }), 'wrong-shape');
  refuses(t, masking.say(a, 'say-masked'), undefined);
  const signing = await collecting('survivors');
  signing.coordinator.state = { ...signing.coordinator.state, survivors: new Map() };
  const fewer = { members: signing.members.slice(1) };
  refuses(t, signing.say(a, 'say-survivors', fewer), 'wrong-shape');
  refuses(t, signing.say(a, 'say-survivors'), undefined);
});

test('one complaint ends the session and blames both sides; two agree on one', async (t) => {
  const complaint = (accused: MemberId) => ({ accused, reason: 'packet-mismatch' }) as const;
  const dispute = await collecting('masked');
  const [a, b, c, d] = dispute.members;
  refuses(t, dispute.say(a, 'say-complaint', complaint(b)), undefined);
  refuses(t, dispute.say(a, 'say-complaint', complaint(b)), 'duplicate');
  refuses(t, dispute.say(a, 'say-complaint', complaint(c)), 'equivocation');
  t.is(dispute.coordinator.close(), undefined);
  t.is(dispute.coordinator.state.failed?.reason, 'complaint');
  t.deepEqual(dispute.coordinator.state.failed?.blamed, [a, b]);
  const agreed = await collecting('masked');
  agreed.say(a, 'say-complaint', complaint(c));
  agreed.say(b, 'say-complaint', complaint(c));
  agreed.say(c, 'say-complaint', complaint(d));
  agreed.coordinator.close();
  t.deepEqual(agreed.coordinator.state.failed?.blamed, [c, d]);
});

test('a complaint about nobody, or after the survivors were named, ends nothing', async (t) => {
  const about = (accused: MemberId) => ({ accused, reason: 'packet-missing' }) as const;
  const masking = await collecting('masked');
  const [a, b] = masking.members;
  refuses(t, masking.say(a, 'say-complaint', about(NOBODY)), 'wrong-shape');
  for (const phase of ['survivors', 'unmask'] as const) {
    const { coordinator, say } = await collecting(phase);
    refuses(t, say(a, 'say-complaint', about(b)), 'stale-round');
    t.not(coordinator.close(), undefined);
  }
});

test('without enough right shares the session fails and names whose were wrong', async (t) => {
  const { coordinator, members } = await collecting('unmask');
  const [a, b] = members;
  coordinator.state = stepCoordinator(coordinator.state, {
    kind: 'faulted',
    members: [a, b],
  }).state;
  t.is(coordinator.close(), undefined);
  t.is(coordinator.state.failed?.reason, 'too-few');
  t.deepEqual(coordinator.state.failed?.blamed, [a, b]);
});
