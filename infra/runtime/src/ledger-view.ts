// The token accounts as anyone can fold them from the log, and the check that trusts nobody.

import type { Account, LedgerEntry } from '@starling/rules';
import type { EventLog, LedgerTerms, StoredEvent } from '@starling/shared';
import { viewAccounts, viewEntry } from './http/views/ledger-lines.ts';
import { type Replay, type ReplayProblem, replayLedger } from './ledger/replay-ledger.ts';
import { RuntimeError } from './runtime-error.ts';

export interface BalanceLine {
  readonly account: string;
  /** Site of a member's account. */
  readonly site: string | null;
  /** Whole units, in decimal. */
  readonly balance: string;
}

export interface HistoryLine {
  readonly seq: number;
  readonly round: number;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

/** The rules in force and where the epochs are. */
export interface RulesView {
  /** Number of the signed rule set; 0 while the rewards of the genesis are the rules. */
  readonly seq: number;
  readonly digest: string | null;
  readonly terms: LedgerTerms;
  readonly epoch: number;
  readonly roundsInEpoch: number;
}

export interface LedgerView {
  readonly federation: string;
  readonly events: number;
  /** Names these events: equal for equal logs only. */
  readonly digest: string;
  readonly balances: readonly BalanceLine[];
  readonly history: readonly HistoryLine[];
  /** Null when no event holds. */
  readonly rules: RulesView | null;
  /** Signatures that were checked while replaying from genesis. */
  readonly signaturesVerified: number;
  /** The first event that does not hold, where the replay ended. */
  readonly firstProblem: ReplayProblem | null;
  /** The same in words; empty when the books balance and every rewarded frame is signed. */
  readonly problems: readonly string[];
}

/** Replays the whole log, verifying the genesis, every signed frame and every certificate. */
export function viewLedger(eventLog: EventLog): Promise<LedgerView> {
  return viewEvents(eventLog.read(1));
}

/**
 * The same for events from anywhere.
 * @param federation - the federation that it must be; any when absent
 * @throws {RuntimeError} `request-refused` when there is no event at all
 */
export async function viewEvents(
  events: AsyncIterable<StoredEvent> | Iterable<StoredEvent>,
  federation?: string,
): Promise<LedgerView> {
  const replay = await replayLedger(events, federation);
  if (replay.events > 0 || replay.problem !== undefined) return describe(replay, federation);
  throw new RuntimeError('request-refused', 'the log is empty: nothing was founded in it');
}

/** For people: `event 12 (vote-received): …`. */
export function describeProblem({ detail, seq, type }: ReplayProblem): string {
  const where = `event ${seq} (${type})`;
  return detail.startsWith(where) ? detail : `${where}: ${detail}`;
}

function describe(replay: Replay, federation: string | undefined): LedgerView {
  const { accounting, digest, entries, events, problem, signaturesVerified, state } = replay;
  return {
    federation: state?.federation ?? federation ?? '',
    events,
    digest,
    balances: state === undefined ? [] : viewAccounts(state, balancesOf(entries)),
    history: entries.map(viewEntry),
    rules: accounting === undefined ? null : rulesOf(accounting),
    signaturesVerified,
    firstProblem: problem ?? null,
    problems: problem === undefined ? [] : [describeProblem(problem)],
  };
}

function rulesOf(accounting: NonNullable<Replay['accounting']>): RulesView {
  const { epoch, roundsInEpoch, rules, terms } = accounting;
  return { seq: rules?.seq ?? 0, digest: rules?.digest ?? null, terms, epoch, roundsInEpoch };
}

/** From the entries of events that hold: one that does not hold leaves no trace. */
function balancesOf(entries: readonly LedgerEntry[]): Map<Account, bigint> {
  const balances = new Map<Account, bigint>();
  for (const { amount, from, to } of entries) {
    balances.set(from, (balances.get(from) ?? 0n) - amount);
    balances.set(to, (balances.get(to) ?? 0n) + amount);
  }
  return balances;
}
