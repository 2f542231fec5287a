// Ids on the command line: a digest, or as many of its first digits as make it unique.

import { InvalidArgumentError } from 'commander';

/** A parser for commander's arguments. */
export function idBeginning(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{4,64}$/.test(id)) return id;
  throw new InvalidArgumentError('It must be 4 to 64 hexadecimal digits.');
}
