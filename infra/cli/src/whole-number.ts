// Numbers on the command line: digits only, within limits that the refusal names.

import { InvalidArgumentError } from 'commander';

/** A parser for commander's options and arguments. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

export const seedNumber = wholeNumber(0, 0xffffffff);
