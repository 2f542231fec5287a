// From the coordinator's statement to a running chain: the statement itself, the roster that it names,
// the state in which nothing is decided, and what this site decided before.

import { engineObjection, openChain } from '@starling/consensus';
import { digestOf, openMessage, sealMessage } from '@starling/crypto';
import { ledgerRoster, openRoster } from '@starling/rules';
import {
  BusError,
  type Checked,
  chainGenesis,
  checked,
  type Digest,
  ROSTER_PROTOCOL,
  refused,
  rosterRequest,
  rosterResponse,
} from '@starling/shared';
import { PeerError } from '../peer-error.ts';
import type { ChainCore } from './chain-core.ts';
import { DecidedChain } from './decided-chain.ts';

const ROSTER_ANSWER_BYTES_MAX = 1024 * 1024;

/** Asks the coordinator how the chain began, when nobody has said it yet. */
export async function askBeginning({ collection, mail, parts, world }: ChainCore): Promise<void> {
  const { chain: beginning, membership } = parts;
  const { coordinator, federation } = membership;
  if (beginning.known !== undefined || coordinator === undefined) return;
  const answer = await mail.ask(coordinator.transportId, { kind: 'genesis', collection });
  if (answer?.outcome !== 'genesis') return;
  const opened = openMessage(answer.frame, chainGenesis, {
    federation,
    nowMs: world.clock.nowMs(),
    keyOf: (sender) => membership.keyOf(sender, 'coordinator'),
  });
  if (opened.ok) await beginning.take(opened.value, answer.frame);
}

/**
 * The chain as this site decided it so far; undefined while its beginning is not known whole. Refused
 * when its rules are not safe for the members with whom it opens.
 * @throws {PeerError} `corrupt-chain`
 */
export async function openDecided(core: ChainCore): Promise<Checked<DecidedChain> | undefined> {
  const { journal } = core;
  const { chain: beginning } = core.parts;
  const { known } = beginning;
  const signed = known === undefined ? undefined : await signedRoster(known.body.roster, core);
  const roster = signed === undefined ? undefined : ledgerRoster(signed, core.parts.membership);
  if (known === undefined || roster?.ok !== true) return undefined;
  const { body: genesis, bodyDigest: id } = known;
  const opening = openChain({ genesis, id, roster: roster.value }, digestOf);
  if (!opening.ok) throw new PeerError('corrupt-chain', opening.refusal.detail);
  const { membership, rules } = opening.value;
  const weights = membership.members.map(({ weight }) => weight);
  const objection = engineObjection(rules.engine, weights.length, weights);
  if (objection !== undefined) return refused('not-permitted', `unsafe rules: ${objection}`);
  return checked(await DecidedChain.open(journal, core.rules, opening.value));
}

/** The roster under which the chain opened: kept at the first start, asked for by a late joiner. */
async function signedRoster(digest: Digest, core: ChainCore): Promise<Uint8Array | undefined> {
  const { journal } = core;
  const { membership } = core.parts;
  const kept = await journal.get('genesis', ['roster']);
  if (kept !== undefined) return kept;
  const own = membership.rosterDigest === digest ? await membership.signedRoster() : undefined;
  const found = own ?? (await searchRosters(digest, core));
  if (found !== undefined) await journal.putIfAbsent('genesis', ['roster'], found);
  return found;
}

/** The chain opens early, so the rosters are gone through from the first one on. */
async function searchRosters(digest: Digest, core: ChainCore): Promise<Uint8Array | undefined> {
  const { membership } = core.parts;
  for (let seq = 1; seq <= membership.roster.seq; seq++) {
    const bytes = await askRoster(seq, core);
    if (bytes === undefined) return undefined;
    const opened = openRoster(bytes, membership);
    if (opened.ok && opened.value.bodyDigest === digest) return bytes;
  }
  return undefined;
}

async function askRoster(seq: number, core: ChainCore): Promise<Uint8Array | undefined> {
  const { bus, clock, identity } = core.world;
  const { membership, sequence } = core.parts;
  const { coordinator, federation } = membership;
  if (coordinator === undefined) return undefined;
  const content = { federation, body: { seq }, ...sequence.stamp() };
  try {
    const request = sealMessage(identity, rosterRequest, content);
    const answer = await bus.request(coordinator.transportId, ROSTER_PROTOCOL, request, {
      answerBytesMax: ROSTER_ANSWER_BYTES_MAX,
      signal: core.stopping.signal,
    });
    const response = openMessage(answer, rosterResponse, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: (sender) => membership.keyOf(sender, 'coordinator'),
    });
    return response.ok ? (response.value.body.roster ?? undefined) : undefined;
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}
