import test from 'ava';
import fc from 'fast-check';
import { DEFAULT_PRIVACY_LIMIT } from '../privacy-limit.ts';
import { composeReport, type SiteFacts } from './compose-report.ts';
import { DEFAULT_REPORT_OPTIONS } from './report-options.ts';

const facts: SiteFacts = {
  documents: 1234,
  isRegistered: true,
  isConfigured: true,
  training: undefined,
  peers: [],
  patterns: { asked: 70, final: 5, used: 3, vetoed: 2 },
  privacy: {
    limit: DEFAULT_PRIVACY_LIMIT,
    position: { epsilonClassic: 2, epsilonTight: 1.5, rounds: 4, roundsWithoutBound: 0 },
  },
  version: 4,
};
const step = { epoch: 0, epochs: 1, loss: 0.5 };

test('a site tells no searches unless it is asked to, and what it is told to keep it keeps', (t) => {
  t.is(composeReport(facts, DEFAULT_REPORT_OPTIONS).queries, null);
  const none = { documents: false, patterns: false, peers: false, privacy: false, queries: false };
  t.deepEqual(composeReport(facts, none), {
    documents: null,
    patterns: null,
    peers: null,
    privacy: null,
    progressMicros: null,
    queries: null,
    state: 'configured',
    version: 4,
  });
});

test('a state holds those before it', (t) => {
  const stateOf = (changes: Partial<SiteFacts>) =>
    composeReport({ ...facts, ...changes }, DEFAULT_REPORT_OPTIONS).state;
  t.is(stateOf({ isRegistered: false }), 'connected');
  t.is(stateOf({ isConfigured: false }), 'registered');
  t.is(stateOf({}), 'configured');
  t.is(stateOf({ training: 'starting' }), 'training');
});

test('progress is told in hundredths, and only while there is a training', (t) => {
  const progressOf = (training: SiteFacts['training']) =>
    composeReport({ ...facts, training }, DEFAULT_REPORT_OPTIONS).progressMicros;
  t.is(progressOf('starting'), 0);
  t.is(progressOf({ ...step, step: 0, steps: 0 }), 0);
  t.is(progressOf({ ...step, step: 1, steps: 3 }), 330_000);
  t.is(progressOf({ ...step, step: 3, steps: 3 }), 1_000_000);
});

test('ε and δ are whole numbers that never understate δ; without bound ε is null', (t) => {
  const privacyOf = (delta: number, epsilonTight: number | null) => {
    const limit = { ...DEFAULT_PRIVACY_LIMIT, delta, epsilonMax: 3 };
    const privacy = { limit, position: { ...facts.privacy.position, epsilonTight } };
    return composeReport({ ...facts, privacy }, DEFAULT_REPORT_OPTIONS).privacy;
  };
  t.like(privacyOf(1e-5, 1.5), {
    deltaPicos: 10_000_000,
    epsilonMicros: 1_500_000,
    epsilonMaxMicros: 3_000_000,
  });
  t.like(privacyOf(1e-13, null), { deltaPicos: 1, epsilonMicros: null });
});

test('documents are rounded up to ten and searches to a power of two', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (count) => {
      const patterns = { ...facts.patterns, asked: count };
      const told = { ...DEFAULT_REPORT_OPTIONS, queries: true };
      const report = composeReport({ ...facts, documents: count, patterns }, told);
      const { documents, queries } = report;
      if (documents === null || queries === null) return false;
      const isRounded = documents >= count && documents - count < 10 && documents % 10 === 0;
      const isPower = queries >= count && (queries === 0 || Number.isInteger(Math.log2(queries)));
      return isRounded && isPower && (queries < 2 * count || count === 0);
    }),
    { seed: 7, numRuns: 300 },
  );
  t.pass();
});
