// How a coordinator begins to lead on a log that another led on.

import { CoordinatorError } from './coordinator-error.ts';
import type { FederationLog } from './federation-log.ts';

/** The event that whoever led before cannot append after: its next append finds another head. */
export async function takeOver(log: FederationLog, token: number): Promise<void> {
  await log.transact(({ leadership }) => {
    if (leadership < token) return [{ type: 'leadership-taken', payload: { token } }];
    const message = `the token ${token} is not above ${leadership}, by which another leads`;
    throw new CoordinatorError('superseded', message);
  });
}
