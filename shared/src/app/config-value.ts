// Reads settings of a run or a node with their type checked.

import { AppError } from './app-error.ts';
import type { ConfigRecord } from './records.ts';

/** @throws AppError `invalid-config` when the key is missing or no finite number */
export function configNumber(config: ConfigRecord, key: string): number {
  const value = config[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(config, key, 'a number');
}

/** @throws AppError `invalid-config` when the key is missing or no text */
export function configText(config: ConfigRecord, key: string): string {
  const value = config[key];
  if (typeof value === 'string') return value;
  throw wrong(config, key, 'a text');
}

function wrong(config: ConfigRecord, key: string, expected: string): AppError {
  const known = Object.keys(config).join(', ') || 'no keys';
  return new AppError(
    'invalid-config',
    Object.hasOwn(config, key)
      ? `${key} is ${JSON.stringify(config[key])}, not ${expected}`
      : `there is no ${key}, which should be ${expected}; there is ${known}`,
  );
}
