import { readdirSync, readFileSync } from 'node:fs';
import { digestOf } from '@starling/crypto';
import { encodeCanonical } from '@starling/shared';
import test from 'ava';
import { decodeEvent } from '../events.ts';
import { type FederationState, foldEvent, roundsDone } from '../federation-state.ts';
import { contributorsOf } from '../round-state.ts';
import { RulesError } from '../rules-error.ts';
import {
  decodeHistory,
  encodeHistory,
  maskedHistory,
  plainHistory,
  storedHistory,
} from './sample-histories-fixture.ts';
import { schemaVersionOf, upcast } from './schema-versions.ts';

/** Digest of what is known after each file; whoever changes one says why old logs mean another thing. */
const FACTS: { readonly [file: string]: string } = {
  'masked-v1.cbor': 'e3d59ab9047a98d0d2a29377469317f661d3f02b99a2752da0a10c60ae37459c',
  'plain-v1.cbor': 'f757887bfb93950117152a676134327a9ffb88eeee87885f1a86bc5c45564916',
};

const folder = new URL('histories/', import.meta.url);

function replay(file: string): FederationState {
  let state: FederationState | undefined;
  for (const stored of decodeHistory(readFileSync(new URL(file, folder)))) {
    state = foldEvent(state, decodeEvent(stored));
  }
  if (state === undefined) throw new Error(`${file} is empty`);
  return state;
}

/** What every later program still has to know of a log. */
function factsOf(state: FederationState) {
  const { chain, registry, round } = state;
  return {
    balances: state.ledger.accounts().map((account) => {
      return [account, state.ledger.balance(account).toString()];
    }),
    chain: chain?.bodyDigest ?? null,
    evaluations: [...state.evaluations].map(([member, stages]) => [member, ...stages.keys()]),
    federation: state.federation,
    head: state.head,
    leadership: state.leadership,
    open: round === undefined ? null : [round.plan.round, round.phase, round.planDigest],
    proposal: state.proposal?.bodyDigest ?? null,
    registered: [...state.registrations.keys()],
    roster: state.rosterDigest,
    rounds: state.roundHistory.map((each) => ({
      contributors: contributorsOf(each),
      failure: each.failure ?? null,
      missing: [...each.missing],
      phase: each.phase,
      refused: [...each.refused.keys()],
      sessions: [...each.sessions.values()].map(({ state: { failed, phase } }) => [
        phase,
        failed?.reason ?? null,
      ]),
      votes: [...each.votes.keys()],
      withdrawn: [...each.withdrawn.keys()],
    })),
    run: [roundsDone(state), state.roundsPlanned, state.peersMin, registry.stopping],
    versions: state.versions.map(({ certificate, contributors, model, round: made, version }) => {
      return [version, made, model, [...contributors], certificate.signatures.length];
    }),
  };
}

for (const [file, digest] of Object.entries(FACTS)) {
  test(`the log ${file} of an older program gives the state it gave then`, (t) => {
    const facts = factsOf(replay(file));
    const found = digestOf(encodeCanonical(facts as never));
    t.is(found as string, digest, JSON.stringify(facts, undefined, 1));
  });
}

test('every file of an older log is replayed, and together they hold every kind of version 1', (t) => {
  t.deepEqual(readdirSync(folder).sort(), Object.keys(FACTS));
  const types = new Set<string>();
  for (const file of Object.keys(FACTS)) {
    for (const { type } of decodeHistory(readFileSync(new URL(file, folder)))) types.add(type);
  }
  t.is(types.size, 25);
});

test('a history of today comes back from its file, each event in the newest version', (t) => {
  for (const events of [plainHistory(), maskedHistory()]) {
    const stored = decodeHistory(encodeHistory(storedHistory(events)));
    t.deepEqual(
      stored.map((each) => decodeEvent(each)).map(({ payload, type }) => ({ payload, type })),
      [...events],
    );
  }
});

test('a run that was planned before runs could stop early is one of all its rounds', (t) => {
  const [, , planned] = decodeHistory(readFileSync(new URL('plain-v1.cbor', folder)));
  if (planned === undefined) return t.fail();
  const { payload } = decodeEvent(planned);
  t.deepEqual(payload, { peersMin: 2, rounds: 5, stopping: null });
});

test('an event of a newer schema is refused, and the refusal says what to do', (t) => {
  for (const type of ['run-planned', 'round-opened']) {
    const newer = schemaVersionOf(type) + 1;
    const stored = { atMs: 1, payload: encodeCanonical({ schemaVersion: newer }), seq: 7, type };
    const error = t.throws(() => decodeEvent(stored), { instanceOf: RulesError });
    t.is(error?.code, 'newer-log');
    t.is(
      error?.message,
      `event 7 (${type}) has schema version ${newer}, this program reads up to ${newer - 1}: ` +
        'upgrade Starling here',
    );
  }
});

test('version 1 is not named, and no version is a fraction, a text or below it', (t) => {
  for (const schemaVersion of [1, 0, '2', null, []]) {
    const run = { peersMin: 1, rounds: 1, schemaVersion };
    t.is(upcast('run-planned', run, 1), run);
    const stored = { atMs: 1, payload: encodeCanonical(run), seq: 1, type: 'run-planned' };
    t.throws(() => decodeEvent(stored), { code: 'corrupt-log' });
  }
});
