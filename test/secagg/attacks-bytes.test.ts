// Statements in another encoding, of another size, by another sender: each is refused with its
// reason, by the coordinator as by a site.

import { sealMessage } from '@starling/crypto';
import {
  complaint,
  type Digest,
  encodeCanonical,
  keyAdvertisement,
  type MessageDefinition,
  maskedInput,
  SECAGG_REQUEST_BYTES_MAX,
  shareBundle,
  survivors,
  unmaskShares,
} from '@starling/shared';
import test from 'ava';
import { MaskedRun } from '../cluster/masked-run.ts';
import { HostileParticipant } from './hostile-participant.ts';
import { nonCanonical, nonCanonicalFrame, signedFrame } from './non-canonical.ts';

const OTHER = 'e'.repeat(64) as Digest;

test('no statement is taken in another encoding, size or name', async (t) => {
  const run = await MaskedRun.start(t, 3);
  const mallory = await HostileParticipant.join(run.cluster, 'mallory');
  t.teardown(() => mallory.node.close());
  run.hold('keys', 0);
  await run.next();
  await run.untilAllBut('keys', 0);
  const session = run.sessions[0]?.session.id ?? OTHER;
  const { federation, node } = run.cluster;
  const { identity } = mallory.node;
  const key = new Uint8Array(1216);
  const members = run.members(0, 1, 2);
  const payload = { bytes: 1, root: OTHER };
  const bodies: readonly (readonly [MessageDefinition<never>, object])[] = [
    [
      keyAdvertisement as never,
      { channelKey: key, maskKey: key, seedCommitment: OTHER, selfCommitment: OTHER, session },
    ],
    [shareBundle as never, { advertised: OTHER, leaves: 1, root: OTHER, session }],
    [maskedInput as never, { commitment: OTHER, payload, session, sharers: OTHER }],
    [survivors as never, { members, root: OTHER, session, sharers: OTHER }],
    [unmaskShares as never, { box: key, ciphertext: key, session }],
    [complaint as never, { accused: members[0], reason: 'packet-missing', session }],
  ];
  const counted = (outcome: string) =>
    node.counted('starling_coordinator_messages_total', { outcome });
  const events = run.cluster.eventLog.snapshot().length;
  const say = async (definition: MessageDefinition<never>, frame: Uint8Array, reason: string) => {
    const before = counted(reason);
    if (definition.topic === 'site' || definition.topic === 'vote') {
      await mallory.node.say(definition.topic, frame);
    } else {
      const leaves = definition.type === 'shares' ? { leaves: [key] } : undefined;
      const answer = await mallory.ask(
        leaves === undefined ? { frame, kind: 'message' } : { frame, kind: 'shares', ...leaves },
      );
      t.is(answer.outcome, 'refused', definition.type);
    }
    t.is(counted(reason), before + 1, `${definition.type}: ${reason}`);
  };
  const [victim] = run.cluster.sites;
  if (victim === undefined) return t.fail('no site');
  for (const [definition, body] of bodies) {
    const frame = nonCanonicalFrame(identity, definition, federation, body as never);
    await say(definition, frame, 'non-canonical-cbor');
    const large = new Uint8Array(definition.bodyBytesMax + 1);
    await say(definition, signedFrame(identity, definition, federation, large), 'oversized');
    if (definition.topic !== 'direct') continue;
    const others = sealMessage(victim.identity, definition, { federation, body: body as never });
    await say(definition, others, 'unknown-sender');
  }
  const inbox = encodeCanonical({ kind: 'inbox', phase: 'sharing', session });
  for (const [bytes, reason] of [
    [nonCanonical(inbox), 'non-canonical-cbor'],
    [new Uint8Array([...inbox, 0]), 'malformed-cbor'],
    [encodeCanonical({ kind: 'outbox', session }), 'wrong-shape'],
  ] as const) {
    const answer = await mallory.askBytes(bytes);
    t.regex(answer.outcome === 'refused' ? answer.reason : '', new RegExp(`^${reason}`));
  }
  await t.throwsAsync(mallory.askBytes(new Uint8Array(SECAGG_REQUEST_BYTES_MAX + 1)));
  t.is(run.cluster.eventLog.snapshot().length, events, 'nothing was recorded');
  run.letGo('keys', 0);
  mallory.speech = ({ body, kind }) => {
    const longer = { ...body, payload: { bytes: 1 << 29, root: OTHER } } as typeof body;
    return [kind === 'say-masked' ? longer : body];
  };
  await run.cluster.until('the refusal of a vector', () => counted('wrong-dimension') > 0);
  await run.cluster.untilFinished();
  t.deepEqual(
    run.missing().map(([member]) => member),
    [mallory.member],
  );
});
