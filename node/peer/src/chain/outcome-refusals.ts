// The engine's outcomes as verdicts on whoever sent something.

import type { BlockOutcome, CertificateOutcome, PeriodOutcome } from '@starling/consensus';
import { ACCEPT, type RefusalReason, refusal, type Verdict } from '@starling/shared';

type Outcome = BlockOutcome | CertificateOutcome | PeriodOutcome;

const REASONS: Readonly<Record<Outcome, RefusalReason | 'accept'>> = Object.freeze({
  accepted: 'accept',
  learned: 'accept',
  duplicate: 'duplicate',
  malformed: 'wrong-shape',
  'not-the-leader': 'not-permitted',
  'stale-view': 'stale-round',
  'stale-period': 'stale-round',
  'future-period': 'future-round',
  'stale-parent': 'stale-round',
  'too-far-ahead': 'future-round',
  'too-old': 'stale-round',
  'wrong-height': 'wrong-height',
  'wrong-parent': 'unknown-block',
  'too-many-blocks': 'busy',
  'not-a-member': 'unknown-sender',
  'duplicate-voter': 'wrong-shape',
  'unsorted-voters': 'wrong-shape',
  'too-few': 'too-few',
  conflicting: 'conflict',
  'too-many-views': 'busy',
});

/** Accepted, or why not; `what` is for the log. */
export function verdictOn(outcome: Outcome, what: string): Verdict {
  const reason = REASONS[outcome];
  return reason === 'accept' ? ACCEPT : refusal(reason, `${outcome}: ${what}`);
}
