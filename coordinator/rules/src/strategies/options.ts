// Options of strategies: defaults filled in, and what is unknown or out of range refused by name.

import type { Scalar } from '@starling/shared';
import { RulesError } from '../rules-error.ts';

/** What a value must be, in words and as a test. */
export interface OptionRule {
  readonly expected: string;
  holds(value: unknown): boolean;
}

export type OptionRules<T> = { readonly [K in keyof T]: OptionRule };

/** A number in a range; `wholeFrom` takes integers only. */
export const above = (low: number): OptionRule =>
  numeric(`a number above ${low}`, (value) => value > low);
export const atLeast = (low: number): OptionRule =>
  numeric(`a number of at least ${low}`, (value) => value >= low);
export const fraction = numeric('a number from 0 to 1', (value) => value >= 0 && value <= 1);
export const belowOne = numeric('a number from 0 to below 1', (value) => value >= 0 && value < 1);
export const belowHalf = numeric('a number from 0 to below 0.5', (value) => {
  return value >= 0 && value < 0.5;
});
export const wholeFrom = (low: number): OptionRule =>
  numeric(
    `a whole number of at least ${low}`,
    (value) => value >= low && Number.isSafeInteger(value),
  );
export const yesOrNo: OptionRule = {
  expected: 'true or false',
  holds: (value) => typeof value === 'boolean',
};
export const oneOf = (...values: readonly number[]): OptionRule =>
  numeric(values.join(' or '), (value) => values.includes(value));
export const text: OptionRule = {
  expected: 'a text',
  holds: (value) => typeof value === 'string',
};

/**
 * The options with every default in place, frozen.
 * @throws {RulesError} `invalid-options` naming the option, the value and what was expected
 */
export function completeOptions<T extends object>(
  strategy: string,
  given: Partial<T>,
  defaults: T,
  rules: OptionRules<T>,
): Readonly<T> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(rules, key)) continue;
    const known = Object.keys(rules).join(', ');
    throw new RulesError('invalid-options', `${strategy} has no option ${key}; it has ${known}`);
  }
  const options = { ...defaults };
  for (const key of Object.keys(rules) as (keyof T & string)[]) {
    const value = given[key];
    if (value === undefined) continue;
    if (!rules[key].holds(value)) {
      const message = `${strategy}: ${key} is ${String(value)}; expected ${rules[key].expected}`;
      throw new RulesError('invalid-options', message);
    }
    options[key] = value as T[typeof key];
  }
  return Object.freeze(options);
}

/** A strategy's name and options as a flat record. */
export function summaryOf(name: string, options: object): Readonly<Record<string, Scalar>> {
  return { strategy: name, ...(options as Readonly<Record<string, Scalar>>) };
}

function numeric(expected: string, holds: (value: number) => boolean): OptionRule {
  return {
    expected,
    holds: (value) => typeof value === 'number' && Number.isFinite(value) && holds(value),
  };
}
