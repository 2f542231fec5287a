import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createPinoLogger } from './pino-logger.ts';

test('each line is JSON with level, message and fields; lower levels stay silent', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'log', 'site.jsonl');
  const logger = createPinoLogger({ file, level: 'info', fields: { site: 'north' } });
  logger.debug('not shown');
  logger.with({ round: 7 }).warn('late', { missing: 2 });
  logger.error('gone');
  const lines = readFileSync(file, 'utf8').trim().split('\n').map(parsed);
  t.deepEqual(
    lines.map(({ time, ...line }) => line),
    [
      { level: 'warn', site: 'north', round: 7, missing: 2, msg: 'late' },
      { level: 'error', site: 'north', msg: 'gone' },
    ],
  );
  t.true(lines.every(({ time }) => !Number.isNaN(Date.parse(String(time)))));
});

test('what changes stands on each line as it is then, unless the line says otherwise', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'site.jsonl');
  let round = 1;
  const logger = createPinoLogger({ file, changing: () => ({ round }) });
  logger.info('first');
  round = 2;
  logger.with({ phase: 'voting' }).info('second');
  logger.info('of another', { round: 1 });
  const rounds = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => parsed(line)['round']);
  t.deepEqual(rounds, [1, 2, 1]);
});

function parsed(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}
