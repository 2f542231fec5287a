// Two whole histories that show every kind of event, and the file that one is kept in. A new schema
// version gets files of its own: write `encodeHistory(plainHistory())` to `histories/plain-v<n>.cbor`.

import { digestOf, encodeBody, type Identity, sealMessage, signStatement } from '@starling/crypto';
import {
  bytesSchema,
  chainGenesis,
  decodeCanonical,
  encodeCanonical,
  evaluation,
  roster,
  type StoredEvent,
  uintSchema,
  withdrawal,
  z,
} from '@starling/shared';
import { chainGenesisFor } from '../chain-opening.ts';
import { encodeEvent, type FederationEvent } from '../events.ts';
import { COORDINATOR, History, MEMBERS, START_MS } from '../history-fixture.ts';
import { MaskedHistory } from '../masked-history-fixture.ts';
import { nextRoster } from '../roster/next-roster.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];
const HISTORY_BYTES_MAX = 16 * 1024 * 1024;

/** Plain rounds: one is final, one fails, one is open; the roster changes, leaders too. */
export function plainHistory(): readonly FederationEvent[] {
  const history = new History();
  history.push({ type: 'run-planned', payload: { peersMin: 2, rounds: 5, stopping: null } });
  const nonce = digestOf(Uint8Array.of(1));
  history.push({ type: 'invitation-used', payload: { member: a.member, nonce } });
  history.register().push({ type: 'leadership-taken', payload: { token: 3 } });
  history.push(chainOpening(history)).push(evaluationOf(history, a));
  history.open().update(a).update(b).refuse(c);
  history.push({ type: 'round-resumed', payload: { round: 1 } }).push(withdrawalOf(history, d));
  history.sum().vote(a).vote(b).vote(c).finalise().vote(d);
  propose(history);
  history.changeRoster({ kind: 'revoke', member: d.member, reason: 'left' });
  history.push({ type: 'leadership-taken', payload: { token: 9 } });
  history.open().update(a).fail();
  return history.open().update(b).events;
}

/** Masked rounds: an attempt fails, the next one gives a version, another round is open. */
export function maskedHistory(): readonly FederationEvent[] {
  const masked = new MaskedHistory();
  const names = MEMBERS.map(({ member }) => member);
  masked.log.register();
  masked.open().openSession(names).upTo('masked').say('masked', [a, b]).complain(c, d);
  masked.equivocate(b, 'masked').close([
    [c, 'timeout'],
    [d, 'offline'],
  ]);
  masked.openSession(names, 2).upTo('unmask').say('unmask', [a, b, c]);
  const session = masked.session().state.session.id;
  masked.log.push({ type: 'session-faulted', payload: { members: [c.member], session } });
  const losses = { lossFirstMicros: 900_000, lossLastMicros: 400_000 };
  masked.log.sum({ statistics: { clippedMicros: 1000, examples: 20, ...losses } });
  masked.log.vote(a).vote(b).vote(c).finalise();
  return masked.open().openSession(names).say('keys', [a, b]).log.events;
}

/** As a log stores it, an event a second. */
export function storedHistory(events: readonly FederationEvent[]): StoredEvent[] {
  return events.map((event, i) => ({ ...encodeEvent(event, START_MS + 1000 * i), seq: i + 1 }));
}

export function encodeHistory(events: readonly StoredEvent[]): Uint8Array {
  return encodeCanonical(events.map(({ atMs, payload, type }) => ({ atMs, payload, type })));
}

/** @throws for bytes that are no history */
export function decodeHistory(bytes: Uint8Array): StoredEvent[] {
  const decoded = decodeCanonical(bytes, HISTORY_BYTES_MAX);
  const events = historySchema.parse(decoded.ok ? decoded.value : undefined);
  return events.map((event, i) => ({ ...event, seq: i + 1 }));
}

const historySchema = z.array(
  z.strictObject({ atMs: uintSchema, payload: bytesSchema, type: z.string() }),
);

function chainOpening({ state }: History): FederationEvent {
  const content = { federation: state.federation, body: chainGenesisFor(state) };
  const frame = sealMessage(COORDINATOR, chainGenesis, content);
  return { type: 'chain-opened', payload: { genesis: frame } };
}

function evaluationOf({ state }: History, site: Identity): FederationEvent {
  const measured = { epochs: 0, mrrMicros: 250_000, queries: 40, recallAt10Micros: 500_000 };
  const content = {
    federation: state.federation,
    body: { ...measured, stage: 'before' as const, version: 0 },
  };
  const frame = sealMessage(site, evaluation, content);
  return { type: 'evaluation-received', payload: { evaluation: frame, member: site.member } };
}

function withdrawalOf({ round, state }: History, site: Identity): FederationEvent {
  const { plan, planDigest } = round;
  const why = { reason: 'empty-dataset', step: null } as const;
  const body = { plan: planDigest, round: plan.round, ...why };
  const frame = sealMessage(site, withdrawal, { federation: state.federation, body });
  return { type: 'site-withdrew', payload: { member: site.member, withdrawal: frame } };
}

/** A renewal that the coordinator has signed as an administrator. */
function propose(history: History): void {
  const { federation, roster: current, rosterDigest: digest } = history.state;
  const terms = { lifeMs: 1_000_000_000, nowMs: START_MS };
  const next = nextRoster({ digest, roster: current }, current, { kind: 'renew' }, terms);
  const body = encodeBody(roster, next);
  history.push({ type: 'roster-proposed', payload: { body, invitations: [], proofs: [] } });
  const { member } = COORDINATOR;
  const signature = signStatement(COORDINATOR, roster, federation, body);
  const payload = { member, proposal: digestOf(body), signature };
  history.push({ type: 'roster-signed', payload });
}
