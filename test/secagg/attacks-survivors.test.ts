// A coordinator that lies about who survived: no set of lies opens both secrets of a member, or the
// sum of fewer than a certified quorum.

import { phaseRoot, survivorsDigest } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import {
  type Digest,
  type MemberId,
  maskedInput,
  type SecaggAnswer,
  type SessionPhase,
  sessionPhase,
  shareBundle,
  survivors as survivorsMessage,
  unmaskShares,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { fixedTime } from '../cluster/memory-cluster.ts';
import { type Answer, DishonestAggregator } from './dishonest-aggregator.ts';
import { bothKinds } from './secret-audit.ts';

const OTHER = 'e'.repeat(64) as Digest;
const STRANGER = 'f'.repeat(64) as MemberId;

/** What a session released: nothing at all. */
function releasedNothing(t: ExecutionContext, aggregator: DishonestAggregator): void {
  t.deepEqual(aggregator.statements(unmaskShares.type), []);
}

/** The members of a phase without these. */
function without(...left: readonly MemberId[]) {
  return (body: SessionPhase): SessionPhase => {
    return { ...body, members: body.members.filter((each) => !left.includes(each)) };
  };
}

/** Every signature that was made over any survivors, whoever asks, and one of them five times. */
function allSignatures(aggregator: DishonestAggregator): Answer {
  return (answer, request): SecaggAnswer => {
    if (request.kind !== 'inbox' || request.phase !== 'unmasking') return answer;
    const signatures = aggregator.statements(survivorsMessage.type).map(({ frame, member }) => {
      return { member, signature: readFrame(frame, survivorsMessage).signature };
    });
    const [first] = signatures;
    const repeated = first === undefined ? [] : [first, first, first, first];
    return { outcome: 'signatures', signatures: [...signatures, ...repeated] };
  };
}

/** The announcement that opens the masks of what a site signed, as if these others had too. */
function unmaskingOf(
  aggregator: DishonestAggregator,
  site: number,
  others: readonly number[],
): Uint8Array {
  const [signed] = aggregator.statements(survivorsMessage.type, site);
  if (signed === undefined) throw new Error(`site ${site} signed nothing`);
  const { body } = readFrame(signed.frame, survivorsMessage);
  const members = aggregator.run.members(site, ...others);
  const root = survivorsDigest(body);
  const { session } = body;
  return aggregator.seal(sessionPhase, { members, phase: 'unmasking', root, session });
}

test('an honest session opens one secret of each member, and repetitions change nothing', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 4);
  aggregator.tell = (frame) => [frame, frame.slice(), frame];
  await aggregator.run.next();
  await aggregator.cluster.untilFinished();
  const [session] = aggregator.run.sessions;
  if (session === undefined) return t.fail('no session');
  const released = aggregator.audit.released(session.session.announce);
  t.is(released.length, 16);
  t.is(released.filter(({ kind }) => kind === 'self').length, 12);
  t.deepEqual(bothKinds(released), []);
  for (const site of [0, 1, 2, 3]) t.deepEqual(await aggregator.evidence(site), []);
});

test('split survivors find no certificate among sites that hear nobody else', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const [victim] = aggregator.run.members(4) as [MemberId];
  const [other] = aggregator.run.members(0) as [MemberId];
  aggregator.tell = (frame, type, site) => {
    const left = site < 2 ? victim : other;
    return [aggregator.phaseInstead(frame, type, 'signing', without(left))];
  };
  await aggregator.run.next();
  await aggregator.cluster.until('the signatures', () => {
    return aggregator.statements(survivorsMessage.type).length === 5;
  });
  aggregator.answer = allSignatures(aggregator);
  aggregator.tell = () => [];
  await aggregator.whisper(0, unmaskingOf(aggregator, 0, [1, 2, 3]));
  await aggregator.whisper(1, unmaskingOf(aggregator, 1, [0, 2, 3]));
  await aggregator.whisper(2, unmaskingOf(aggregator, 2, [1, 3, 4]));
  await aggregator.whisper(3, unmaskingOf(aggregator, 1, [2, 3]));
  await aggregator.whisper(4, unmaskingOf(aggregator, 4, [1, 2, 3]));
  await aggregator.untilLeft('too-few', 'too-few', 'too-few', 'split-view', 'too-few');
  releasedNothing(t, aggregator);
  t.deepEqual(await aggregator.evidence(1), [{ reason: 'too-few', frames: 2 }]);
  t.deepEqual(await aggregator.evidence(3), [{ reason: 'split-view', frames: 1 }]);
});

test('a victim on both lists: sites tell each other, leave and keep both lists', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5);
  const [victim] = aggregator.run.members(4) as [MemberId];
  aggregator.tell = (frame, type, site) => {
    return [site < 2 ? aggregator.phaseInstead(frame, type, 'signing', without(victim)) : frame];
  };
  aggregator.answer = allSignatures(aggregator);
  await aggregator.run.next();
  const everyone = Array.from({ length: 5 }, () => 'equivocation');
  await aggregator.untilLeft(...everyone);
  for (const site of [0, 1, 2, 3, 4]) {
    t.deepEqual(await aggregator.evidence(site), [{ reason: 'equivocation', frames: 2 }]);
  }
  releasedNothing(t, aggregator);
});

test('a site that is asked a second time, with the victim on the other list, leaves', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const [victim] = aggregator.run.members(4) as [MemberId];
  let listed: Uint8Array = new Uint8Array();
  aggregator.tell = (frame, type) => {
    const told = aggregator.phaseInstead(frame, type, 'signing', (body) => {
      listed = aggregator.seal(sessionPhase, aggregator.rooted(without(victim)(body)));
      return body;
    });
    return [told];
  };
  await aggregator.run.next();
  await aggregator.cluster.until('every share that is due', () => {
    return aggregator.statements(unmaskShares.type).length === 5;
  });
  await aggregator.cluster.until('the sum', () => aggregator.run.state.round?.phase === 'voting');
  const [session] = aggregator.run.sessions;
  if (session === undefined) return t.fail('no session');
  t.is(aggregator.statements(unmaskShares.type).length, 5);
  for (const site of [0, 1, 2, 3]) await aggregator.whisper(site, listed);
  await aggregator.untilLeft(...[0, 1, 2, 3].map(() => 'equivocation'));
  t.is(aggregator.statements(unmaskShares.type).length, 5);
  const released = aggregator.audit.released(session.session.announce);
  t.is(released.filter(({ kind }) => kind === 'self').length, 20);
  t.deepEqual(bothKinds(released), []);
  for (const site of [0, 1, 2, 3]) {
    t.deepEqual(await aggregator.evidence(site), [{ reason: 'equivocation', frames: 2 }]);
  }
});

test('another vector under a site’s name, and a root of other vectors, are not signed', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const everyone = aggregator.run.members(0, 1, 2, 3, 4);
  const swapped = (digests: readonly Digest[], site: number) =>
    digests.map((digest, i) => {
      return everyone[i] === aggregator.run.site(site).identity.member ? OTHER : digest;
    });
  aggregator.tell = (frame, type, site) => {
    if (type !== sessionPhase.type || site < 2) return [frame];
    const { body } = readFrame(frame, sessionPhase);
    if (body.phase !== 'signing') return [frame];
    const digests = swapped(aggregator.digestsOf(body), site);
    const said = everyone.map((member, i) => ({ member, digest: digests[i] ?? OTHER }));
    const root = phaseRoot(body.session, 'signing', said);
    return [aggregator.seal(sessionPhase, { ...body, root })];
  };
  aggregator.answer = (answer, _, site) => {
    if (answer.outcome !== 'inputs') return answer;
    return { ...answer, digests: swapped(answer.digests, site) };
  };
  await aggregator.run.next();
  const changed = 'own-message-changed';
  const reasons = ['split-view', 'split-view', changed, changed, changed];
  await aggregator.untilLeft(...reasons);
  for (const [site, reason] of reasons.entries()) {
    t.deepEqual(await aggregator.evidence(site), [{ reason, frames: 1 }]);
  }
  t.deepEqual(aggregator.statements(survivorsMessage.type), []);
});

test('survivors without the site, too few, strange or unsorted are not signed', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const self = (site: number) => aggregator.run.members(site) as [MemberId];
  const lies: readonly ((body: SessionPhase) => SessionPhase)[] = [
    without(...self(0)),
    without(...self(2), ...self(3)),
    (body) => ({ ...body, members: [...body.members, STRANGER] }),
    (body) => ({ ...body, members: body.members.toReversed() }),
    (body) => ({ ...body, phase: 'unmasking' }),
  ];
  aggregator.tell = (frame, type, site) => {
    return [aggregator.phaseInstead(frame, type, 'signing', (body) => lies[site]?.(body) ?? body)];
  };
  await aggregator.run.next();
  const reasons = ['left-out', 'too-few', 'unknown-member', 'unknown-member', 'out-of-order'];
  await aggregator.untilLeft(...reasons);
  for (const [site, reason] of reasons.entries()) {
    t.deepEqual(await aggregator.evidence(site), [{ reason, frames: 1 }]);
  }
  t.deepEqual(aggregator.statements(survivorsMessage.type), []);
  releasedNothing(t, aggregator);
});

test('earlier sets that are too small, out of order or grown again end before a vector leaves', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const { run } = aggregator;
  const lies: readonly ((body: SessionPhase) => SessionPhase)[] = [
    without(...run.members(0)),
    without(...run.members(2, 3)),
    (body) => ({ ...body, phase: 'unmasking' }),
  ];
  aggregator.tell = (frame, type, site) => {
    return [aggregator.phaseInstead(frame, type, 'sharing', (body) => lies[site]?.(body) ?? body)];
  };
  await run.next();
  await aggregator.untilLeft('left-out', 'too-few', 'out-of-order');
  await aggregator.cluster.until('the shares of the others', () => {
    return aggregator.statements(shareBundle.type).length === 2;
  });
  const session = run.sessions[0]?.session.id ?? OTHER;
  const masking = { phase: 'masking', root: OTHER, session } as const;
  const few = { ...masking, members: run.members(2, 3, 4) };
  await aggregator.whisper(3, aggregator.seal(sessionPhase, few));
  const grown = { ...masking, members: [...run.members(0, 1, 2, 3, 4), STRANGER] };
  await aggregator.whisper(4, aggregator.seal(sessionPhase, grown));
  const reasons = ['left-out', 'too-few', 'out-of-order', 'too-few', 'unknown-member'];
  await aggregator.untilLeft(...reasons);
  for (const [site, reason] of reasons.entries()) {
    t.deepEqual(await aggregator.evidence(site), [{ reason, frames: 1 }]);
  }
  t.deepEqual(aggregator.statements(maskedInput.type), []);
  releasedNothing(t, aggregator);
});

test('a site that is not told of a phase is left behind by name, and is in the next round', async (t) => {
  const schedule = { phase: fixedTime(20_000) };
  const aggregator = await DishonestAggregator.start(t, 4, { apart: true, schedule });
  const { cluster, run } = aggregator;
  const [deaf] = run.members(3) as [MemberId];
  aggregator.tell = (frame, type, site) => {
    const isLost =
      site === 3 &&
      type === sessionPhase.type &&
      run.round.plan.round === 1 &&
      readFrame(frame, sessionPhase).body.phase === 'masking';
    return isLost ? [] : [frame];
  };
  await run.next();
  await cluster.untilEvent('version-finalised');
  t.deepEqual(run.missing(), [[deaf, 'timeout']]);
  t.is(aggregator.aborts(3, 'out-of-order'), 1);
  t.deepEqual(await run.opened(), { seeds: 1, selves: 3 });
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(run.missing(), []);
});
