// How many members are how far.

import type { Coordinator, MemberState } from '@starling/coordinator';

export function countStates({ desk }: Coordinator): Record<MemberState, number> {
  const counts = { configured: 0, connected: 0, offline: 0, registered: 0, training: 0 };
  for (const { state } of desk.members) counts[state]++;
  return counts;
}
