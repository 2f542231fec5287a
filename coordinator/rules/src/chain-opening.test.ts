import { sealMessage } from '@starling/crypto';
import { type ChainGenesis, chainGenesis, type Digest } from '@starling/shared';
import test from 'ava';
import { chainObjection } from './chain-objection.ts';
import { chainGenesisFor, DOCUMENTS, defaultChainRules } from './chain-opening.ts';
import { activePeers } from './federation-state.ts';
import { COORDINATOR, History } from './history-fixture.ts';
import { RulesError } from './rules-error.ts';

const impossible = { instanceOf: RulesError, code: 'impossible-event' } as const;

function opening(history: History, changes: Partial<ChainGenesis> = {}) {
  const { federation } = history.state;
  const body = { ...chainGenesisFor(history.state), ...changes };
  const genesis = sealMessage(COORDINATOR, chainGenesis, { federation, body });
  return { type: 'chain-opened', payload: { genesis } } as const;
}

test('a chain opens under the roster in force, and its dimension is the encoder’s', (t) => {
  const history = new History();
  history.push(opening(history));
  const { chain, genesis, rosterDigest } = history.state;
  t.like(chain?.body, { collection: DOCUMENTS, roster: rosterDigest, weights: [] });
  t.is(chain?.body.rules.dimension, genesis.task.encoder.dimension);
});

test('a log without a chain still folds, and one is opened between its rounds', (t) => {
  const history = new History().register().open().fail();
  t.is(history.state.chain, undefined);
  history.push(opening(history)).open();
  t.truthy(history.state.chain);
});

test('a chain opens once', (t) => {
  const history = new History();
  history.push(opening(history));
  t.throws(() => history.push(opening(history)), impossible);
});

test('a chain of an unknown roster or of another collection does not open', (t) => {
  const unknown = { roster: 'ab'.repeat(32) as Digest };
  for (const changes of [unknown, { collection: 'images' }]) {
    const history = new History();
    t.throws(() => history.push(opening(history, changes)), impossible);
  }
});

test('a chain does not open under polls that are not safe for its members', (t) => {
  const history = new History();
  const snow = {
    kind: 'snow',
    byzantineMicros: 190_000,
    parameters: { alphaConfidence: 70, alphaPreference: 45, beta: 60, k: 89 },
    targetExponent: 15,
  } as const;
  const { length } = activePeers(history.state.roster);
  const why = chainObjection(history.state, snow) ?? '';
  t.regex(why, new RegExp(`k = 89, alphaConfidence = 70: of ${length} members`));
  t.is(chainObjection(history.state, { kind: 'simplex' }), undefined);
  history.push(opening(history));
  t.is(chainObjection(history.state, snow), undefined);
});

test('the default rules satisfy their own schema', (t) => {
  const { genesis } = new History().state;
  t.true(chainGenesis.schema.safeParse(chainGenesisFor(new History().state)).success);
  t.is(defaultChainRules(genesis.task).attestQueriesMin, 50);
});
