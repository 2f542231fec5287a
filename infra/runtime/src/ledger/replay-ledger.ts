// The ledger replayed from its events by someone who trusts nobody: it ends at the first event that
// does not hold, and names it.

import { digestOf } from '@starling/crypto';
import {
  type Accounting,
  decodeEvent,
  type FederationState,
  foldEvent,
  type LedgerEntry,
  RulesError,
} from '@starling/rules';
import { type Digest, encodeCanonical, type StoredEvent } from '@starling/shared';
import { checkEvent } from './check-event.ts';

export interface ReplayProblem {
  /** The first event that does not hold. */
  readonly seq: number;
  readonly type: string;
  readonly detail: string;
}

export interface Replay {
  /** Of the events that hold, and for what is no matter of accounts; undefined without any. */
  readonly state: FederationState | undefined;
  /** Events that hold. */
  readonly events: number;
  /** After the last event that holds. */
  readonly accounting: Pick<Accounting, 'epoch' | 'roundsInEpoch' | 'rules' | 'terms'> | undefined;
  readonly entries: readonly LedgerEntry[];
  readonly signaturesVerified: number;
  /** Over all events that hold, in order: equal logs have equal digests, and no others. */
  readonly digest: Digest;
  readonly problem: ReplayProblem | undefined;
}

/**
 * Folds events, verifying the genesis, every signed frame and every certificate, and that the books
 * balance after each. Never throws for what the events say.
 * @param federation - the federation that it must be; any when absent
 */
export async function replayLedger(
  events: AsyncIterable<StoredEvent> | Iterable<StoredEvent>,
  federation?: string,
): Promise<Replay> {
  let state: FederationState | undefined;
  let accounting: Replay['accounting'];
  let counted = 0;
  let digest = digestOf(new Uint8Array());
  let signaturesVerified = 0;
  const entries: LedgerEntry[] = [];
  const result = (): Replay => {
    const held = { state, accounting, events: counted, entries };
    return { ...held, signaturesVerified, digest, problem: undefined };
  };
  for await (const stored of events) {
    const found = step(state, stored);
    const wrong = found.problem ?? otherFederation(found.state, federation);
    if (wrong !== undefined) {
      const problem = { seq: stored.seq, type: stored.type, detail: wrong };
      return { ...result(), problem };
    }
    state = found.state;
    accounting = found.state && { ...found.state.accounting };
    counted += 1;
    entries.push(...found.entries);
    signaturesVerified += found.signatures;
    digest = nextDigest(digest, stored);
  }
  return result();
}

interface Step {
  readonly state: FederationState | undefined;
  readonly entries: readonly LedgerEntry[];
  readonly signatures: number;
  readonly problem?: string;
}

function step(before: FederationState | undefined, stored: StoredEvent): Step {
  const roster = before?.roster;
  const count = before?.ledger.count ?? 0;
  try {
    const event = decodeEvent(stored);
    const state = foldEvent(before, event);
    const found = checkEvent(event, state, roster);
    state.ledger.assertBalanced();
    const problem = found.find((each) => each !== undefined);
    const entries = state.ledger.entriesSince(count);
    if (problem === undefined) return { state, entries, signatures: found.length };
    return { state, entries, signatures: 0, problem };
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    return { state: before, entries: [], signatures: 0, problem: error.message };
  }
}

function otherFederation(
  state: FederationState | undefined,
  federation: string | undefined,
): string | undefined {
  if (federation === undefined || state?.federation === federation) return undefined;
  return `it is the log of federation ${state?.federation}, not of ${federation}`;
}

function nextDigest(before: Digest, { atMs, payload, seq, type }: StoredEvent): Digest {
  return digestOf(encodeCanonical({ atMs, before, payload, seq, type }));
}
