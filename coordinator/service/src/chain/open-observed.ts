// Where the observed chain begins: the coordinator's own statement, and the roster that it names.

import { engineObjection, openChain } from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import { decodeEvent, type LedgerRules, ledgerRoster, openRoster } from '@starling/rules';
import { type Checked, checked, type Digest, refused } from '@starling/shared';
import type { CoordinatorDependencies } from '../dependencies.ts';
import type { FederationLog } from '../federation-log.ts';
import { ObservedChain } from './observed-chain.ts';

/** Undefined before the chain has opened; refused when its rules are unsafe for its members. */
export async function openObserved(
  world: CoordinatorDependencies,
  log: FederationLog,
  rules: LedgerRules,
): Promise<Checked<ObservedChain> | undefined> {
  const { chain, federation, genesis: founded } = log.state;
  if (chain === undefined) return undefined;
  const { body: genesis, bodyDigest: id } = chain;
  const signed = await signedRoster(genesis.roster, world, log);
  if (signed === undefined)
    return refused('unknown-plan', `roster ${genesis.roster} is not in the log`);
  const roster = ledgerRoster(signed, { federation, genesis: founded });
  if (!roster.ok) return roster;
  const opening = openChain({ genesis, id, roster: roster.value }, digestOf);
  if (!opening.ok) return opening;
  const { membership, rules: agreed } = opening.value;
  const weights = membership.members.map(({ weight }) => weight);
  const objection = engineObjection(agreed.engine, weights.length, weights);
  if (objection !== undefined) return refused('not-permitted', `unsafe rules: ${objection}`);
  return checked(new ObservedChain(world, rules, opening.value));
}

/** From memory, or from the log, where the first rosters stand first: the chain opens early. */
async function signedRoster(
  digest: Digest,
  { eventLog }: CoordinatorDependencies,
  log: FederationLog,
): Promise<Uint8Array | undefined> {
  const { federation, genesis, rosterEvents, rosterFrames } = log.state;
  const known = rosterFrames.get(digest);
  if (known !== undefined) return known;
  for (const at of rosterEvents) {
    for await (const stored of eventLog.read(at)) {
      const event = decodeEvent(stored);
      const bytes = event.type === 'roster-changed' ? event.payload.roster : undefined;
      const opened = bytes === undefined ? undefined : openRoster(bytes, { federation, genesis });
      if (opened?.ok && opened.value.bodyDigest === digest) return bytes;
      break;
    }
  }
  return undefined;
}
