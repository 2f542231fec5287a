// The load: many members in a process of their own, so that they cost the coordinator nothing but
// what they say.

import { join } from 'node:path';
import {
  generateTransportKey,
  type Libp2pBus,
  openPayloadExchange,
  startLibp2pBus,
} from '@starling/adapters';
import {
  createIdentity,
  digestOf,
  type Identity,
  openMessage,
  sealMessage,
} from '@starling/crypto';
import {
  ACCEPT,
  type Aggregate,
  aggregate,
  type Digest,
  modelUpdate,
  type RoundPlan,
  type RoundStatus,
  roundPlan,
  roundStatus,
  tensorToBytes,
  type Verdict,
} from '@starling/shared';
import { LoadMember, vectorOf } from './load-member.ts';
import type { LoadCommand, LoadReport, SignedUpdates } from './load-protocol.ts';

/** As often as sites repeat what is not acknowledged. */
const REPEAT_MS = 1_000;

process.on('message', (command: LoadCommand) => {
  obey(command).catch((error: unknown) => tell({ kind: 'failed', why: String(error) }));
});
process.on('disconnect', () => process.exit(0));

async function obey(command: LoadCommand): Promise<void> {
  if (command.kind === 'offer') return tell({ kind: 'offered', updates: await offer(command) });
  const members = command.invitations.map((_, i) => new LoadMember(i, command.folder));
  // One after the other: every join makes the next roster.
  for (const [i, member] of members.entries()) {
    await member.join(command.invitations[i] ?? new Uint8Array());
  }
  const last = members.at(-1);
  if (last === undefined) return;
  for (const member of members) await member.connect(last.membership);
  takePart(members, last);
  tell({ kind: 'joined' });
}

/** The first member listens for all; each says what is its own until the status lists it. */
function takePart(members: readonly LoadMember[], listening: LoadMember): void {
  let plan: { readonly body: RoundPlan; readonly digest: Digest } | undefined;
  let sum: Aggregate | undefined;
  let status: RoundStatus | undefined;
  const { federation, genesis } = listening.membership;
  const { member: coordinator, publicKey } = genesis.coordinator;
  let isSaying = false;
  // A turn that takes longer than the period is not overtaken by the next one.
  const step = async (): Promise<void> => {
    if (isSaying) return;
    isSaying = true;
    await say(members, plan, sum, status).catch((error: unknown) => {
      process.stderr.write(`the load: ${String(error)}\n`);
    });
    isSaying = false;
  };
  const onControl = async (bytes: Uint8Array): Promise<Verdict> => {
    const opened = openMessage<never>(bytes, [roundPlan, aggregate, roundStatus] as never, {
      federation,
      nowMs: Date.now(),
      keyOf: (sender) => (sender === coordinator ? publicKey : undefined),
    });
    if (!opened.ok) return ACCEPT;
    const { body, bodyBytes, type } = opened.value;
    if (type === roundStatus.type) status = body;
    if (type === aggregate.type) sum = body;
    if (type === roundPlan.type) plan = { body, digest: digestOf(bodyBytes) };
    if (type !== roundStatus.type) void step();
    return ACCEPT;
  };
  for (const member of members) {
    member.bus.subscribe('control', member === listening ? onControl : async () => ACCEPT);
  }
  setInterval(() => void step(), REPEAT_MS);
}

async function say(
  members: readonly LoadMember[],
  plan: { readonly body: RoundPlan; readonly digest: Digest } | undefined,
  sum: Aggregate | undefined,
  status: RoundStatus | undefined,
): Promise<void> {
  for (const member of members) {
    const is = (list: readonly string[] | undefined) => list?.includes(member.identity.member);
    if (status !== undefined && is(status.ready) !== true) {
      await member.register(status.model, status.version);
    }
    if (plan === undefined || status === undefined) continue;
    const isNow = status.round === plan.body.round;
    if (sum?.plan === plan.digest) {
      if (!(isNow && (is(status.voted) || status.phase === 'final'))) await member.vote(sum);
    } else if (!(isNow && (is(status.received) || status.phase !== 'training'))) {
      await member.submit(plan.body, plan.digest);
    }
  }
}

/** Updates of so many members, signed by each; one channel serves all their vectors. */
async function offer(command: LoadCommand & { kind: 'offer' }): Promise<SignedUpdates> {
  const { elements, federation, folder, members } = command;
  const { key, transportId } = await generateTransportKey();
  const bus: Libp2pBus = await startLibp2pBus({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    privateKey: key,
    topicPrefix: 'scale',
  });
  const payloads = await openPayloadExchange({ bus, folder: join(folder, 'load') });
  const frames: Uint8Array[] = [];
  const authors: Pick<Identity, 'member' | 'publicKey'>[] = [];
  const digest = digestOf(new Uint8Array());
  for (let i = 0; i < members; i++) {
    const identity = createIdentity();
    const body = {
      ...{ base: digest, clipped: false, commitment: digest, elements, examples: 100 },
      ...{ lossFirstMicros: 2, lossLastMicros: 1, plan: digest, round: 1 },
      payload: await payloads.offer(tensorToBytes(vectorOf(i, elements))),
    };
    frames.push(sealMessage(identity, modelUpdate, { federation, body }));
    authors.push({ member: identity.member, publicKey: identity.publicKey });
  }
  return { address: bus.addresses()[0] ?? '', authors, frames, transportId };
}

function tell(report: LoadReport): void {
  process.send?.(report);
}
