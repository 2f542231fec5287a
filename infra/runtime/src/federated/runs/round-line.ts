// A round in one line, as logs and terminals show it.

import type { MetricRecord } from '@starling/shared';
import { NETWORK_REASONS } from '../round-exchange.ts';
import type { RoundRecord } from '../simulation-record.ts';

const HIDDEN = new Set(['num-examples', 'refusedReplies', 'local-steps', 'local-accumulation']);
const FAILURES_TOLD_MAX = 3;
/** A simulated network fails so often that only its share says something. */
const NETWORK: ReadonlySet<string> = new Set(Object.values(NETWORK_REASONS));

export function roundLine(record: RoundRecord, rounds: number): string {
  const { answered, asked, evaluate, failure, failures, refused, round, server, train } = record;
  const parts = [
    asked > 0 ? `${answered} of ${asked} nodes` : '',
    metricsOf('train', train),
    metricsOf('evaluate', evaluate),
    metricsOf('server', server),
    failure === undefined ? '' : `no new model: ${failure}`,
  ].filter((part) => part !== '');
  const own = failures.filter(({ reason }) => !NETWORK.has(reason));
  const told = [...own, ...refused].slice(0, FAILURES_TOLD_MAX);
  const lines = told.map(({ node, reason }) => `\n    ${node} did not count: ${reason}`);
  return `round ${round} of ${rounds}: ${parts.join(' · ')}${lines.join('')}`;
}

function metricsOf(name: string, metrics: MetricRecord): string {
  const numbers = Object.entries(metrics).flatMap(([key, value]) =>
    typeof value === 'number' && !HIDDEN.has(key) ? [`${key} ${value.toPrecision(4)}`] : [],
  );
  return numbers.length === 0 ? '' : `${name} ${numbers.join(', ')}`;
}
