// A member's machine by itself: repetitions change nothing, whatever is out of place ends the
// session, and no secret survives its end.

import {
  type AbortReason,
  type MemberEvent,
  type MemberState,
  stepMember,
  survivorsDigest,
} from '@starling/crypto';
import { type Digest, encodeCanonical, type MemberId, type SessionPhase } from '@starling/shared';
import test from 'ava';
import { SimulatedSession } from './simulated-session.ts';

const OTHER = 'e'.repeat(64) as Digest;

/** Five members; the first one's state when it waits for the announcement of a phase, or later. */
async function upTo(phase: SessionPhase['phase'] | 'end') {
  const simulation = new SimulatedSession({ participants: 5, elements: 3, ring: 32, seed: 6 });
  const [member] = [...simulation.members.keys()] as [MemberId];
  await simulation.start();
  for (;;) {
    const next = simulation.coordinator.close();
    if (next === 'open') break;
    if (next === undefined) throw new Error('the session failed');
    if (next.phase === phase)
      return { simulation, member, next, state: stateOf(simulation, member) };
    await simulation.announce(next);
  }
  const next: SessionPhase = {
    members: [member],
    phase: 'unmasking',
    root: OTHER,
    session: OTHER,
  };
  return { simulation, member, next, state: stateOf(simulation, member) };
}

function stateOf(simulation: SimulatedSession, member: MemberId): MemberState {
  return simulation.of(member).state;
}

function phaseEvent(body: SessionPhase): MemberEvent {
  return { kind: 'phase', body, frame: encodeCanonical(body) };
}

function outcome(state: MemberState, event: MemberEvent): AbortReason | 'same' | 'moved' {
  const step = stepMember(state, event);
  if (step.state.abort !== undefined) return step.state.abort.reason;
  return step.state === state && step.effects.length === 0 ? 'same' : 'moved';
}

test('events that come before their time or after it change nothing', async (t) => {
  const early = (await upTo('sharing')).state;
  const late = (await upTo('unmasking')).state;
  const events: readonly MemberEvent[] = [
    { kind: 'keys', digests: [], said: [] },
    { kind: 'sealed', dealt: new Map(), leaves: [] },
    { kind: 'packets', packets: [] },
    { kind: 'opened', opened: new Map() },
    { kind: 'masked', commitment: OTHER, payload: { bytes: 1, root: OTHER } },
    { kind: 'inputs', digests: [] },
    { kind: 'spent' },
    { kind: 'certificate', signers: [] },
  ];
  for (const event of events) {
    t.is(outcome(early, event), 'same', `early ${event.kind}`);
    t.is(outcome(late, event), 'same', `late ${event.kind}`);
  }
});

test('a repeated announcement changes nothing; another one in its place ends the session', async (t) => {
  const { next, simulation, state } = await upTo('masking');
  const sharing = simulation.coordinator.state.announced.get('sharing');
  if (sharing === undefined) return t.fail('nothing was announced');
  t.is(outcome(state, phaseEvent(sharing)), 'same');
  const frame = state.accepted.get('sharing')?.frame;
  const second = phaseEvent({ ...sharing, root: OTHER });
  const { effects } = stepMember(state, second);
  t.like(effects.at(-1), { kind: 'aborted', reason: 'equivocation' });
  t.deepEqual(
    effects.flatMap((effect) => (effect.kind === 'aborted' ? effect.evidence : [])),
    [frame, encodeCanonical({ ...sharing, root: OTHER })],
  );
  t.is(
    outcome((await upTo('masking')).state, phaseEvent({ ...next, phase: 'signing' })),
    'out-of-order',
  );
});

test('what is signed is certified, or nothing is opened', async (t) => {
  const { next, state } = await upTo('unmasking');
  t.is(state.phase, 'signed');
  t.is(outcome(state, phaseEvent({ ...next, root: OTHER })), 'split-view');
  const again = await upTo('unmasking');
  const { survivors } = again.state;
  if (survivors === undefined) return t.fail('nothing was signed');
  t.is(again.next.root, survivorsDigest(survivors));
  const told = stepMember(again.state, phaseEvent(again.next)).state;
  t.is(told.phase, 'signed');
  const signers = survivors.members.slice(0, again.simulation.session.certificateMin - 1);
  const repeated = [...signers, ...signers];
  t.is(outcome(told, { kind: 'certificate', signers: repeated }), 'too-few');
});

test('an update that was spent before is signed by no second statement', async (t) => {
  const { state } = await upTo('unmasking');
  const masked: MemberState = { ...state, phase: 'masked-sent' };
  const { effects, state: left } = stepMember(masked, { kind: 'spent-before', detail: 'round 1' });
  t.like(left, { phase: 'aborted', abort: { reason: 'spent' } });
  const [aborted] = effects;
  t.is(aborted?.kind === 'aborted' ? aborted.evidence.length : 0, 1);
});

test('whoever leaves or ends overwrites its secrets, and hears nothing more', async (t) => {
  const endings: readonly (readonly [MemberEvent, MemberState['phase']])[] = [
    [{ kind: 'abort', reason: 'timeout', detail: '' }, 'aborted'],
    [{ kind: 'finished' }, 'done'],
  ];
  for (const [event, phase] of endings) {
    const { next, state } = await upTo('unmasking');
    const secrets = [
      state.keys.seed,
      state.keys.self,
      ...[...state.dealt.values()].flatMap(({ seed, self }) => [seed, self]),
      ...[...state.opened.values()].flatMap(({ edge, shares }) => [
        shares.seed,
        shares.self,
        ...(edge === undefined ? [] : [edge]),
      ]),
    ];
    t.true(secrets.length >= 20);
    t.true(secrets.every((secret) => secret.some((byte) => byte !== 0)));
    const ended = stepMember(state, event).state;
    t.is(ended.phase, phase);
    t.true(secrets.every((secret) => secret.every((byte) => byte === 0)));
    t.deepEqual([ended.dealt.size, ended.opened.size], [0, 0]);
    t.is(
      outcome(ended, phaseEvent({ ...next, root: OTHER })),
      phase === 'done' ? 'same' : 'timeout',
    );
  }
});

test('what a member revealed it cannot reveal again', async (t) => {
  const { member, simulation, state } = await upTo('end');
  t.is(state.phase, 'revealed');
  const said = simulation.heard.filter((each) => {
    return each.member === member && each.effect.kind === 'say-unmask';
  });
  t.is(said.length, 1);
  const signers = state.survivors?.members ?? [];
  t.is(outcome(state, { kind: 'certificate', signers }), 'same');
  t.true(state.keys.self.every((byte) => byte === 0));
});
