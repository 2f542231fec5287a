// A mark whose digests follow from its place, the same in a test and in the process it kills.

import { digestOf } from '@starling/crypto';
import type { SpentMark } from '@starling/peer';

export function spentMark(round: number, attempt: number, changes: Partial<SpentMark> = {}) {
  const named = (what: string) => digestOf(Buffer.from(`${what} ${round}`));
  const session = digestOf(Buffer.from(`session ${round} ${attempt}`));
  const mark = { attempt, round, session, survivors: named('survivors'), update: named('update') };
  return { ...mark, ...changes };
}
