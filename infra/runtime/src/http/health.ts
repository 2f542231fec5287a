// Health: the process answers. Readiness: the coordinator leads, its log can be reached, sites can
// reach it. Both without a token, so they name no addresses.

import type { Clock } from '@starling/shared';
import { z } from '@starling/shared';
import type { LogStatus } from '../coordinator-log.ts';
import { count } from './schemas/list-schema.ts';
import { MEMBER_STATES } from './schemas/member-schema.ts';
import type { Standing } from './standing.ts';
import { countStates } from './views/count-states.ts';

/** Asking NATS servers is a connection of its own: probes share an answer this long. */
export const LOG_LOOK_MS = 5_000;

const checkSchema = z.strictObject({ detail: z.string(), ok: z.boolean() });

export const healthSchema = z.strictObject({
  ok: z.literal(true),
  standing: z.enum(['leads', 'stands-by']),
});

export const readinessSchema = z.strictObject({
  checks: z.strictObject({ lease: checkSchema, log: checkSchema, transport: checkSchema }),
  /** How many members are in each state; null while it stands by. */
  members: z.record(z.enum(MEMBER_STATES), count).nullable(),
  ready: z.boolean(),
  standing: z.enum(['leads', 'stands-by']),
});

export type Readiness = z.infer<typeof readinessSchema>;

export async function readinessOf(
  now: Standing,
  lookAtLog: () => Promise<LogStatus>,
): Promise<Readiness> {
  const { reachable } = await lookAtLog();
  const checks = {
    lease: leaseCheck(now),
    log: check(reachable, 'can be reached', 'cannot be reached: see the log of this process'),
    transport: await transportCheck(now),
  };
  return {
    checks,
    members: now.kind === 'leads' ? countStates(now.coordinator) : null,
    ready: Object.values(checks).every(({ ok }) => ok),
    standing: now.kind,
  };
}

/** The newest answer of `look` for a while; whoever asks meanwhile waits for the same one. */
export function remembered<T>(look: () => Promise<T>, clock: Clock, forMs: number) {
  let until = Number.NEGATIVE_INFINITY;
  let answer: Promise<T> | undefined;
  return (): Promise<T> => {
    const nowMs = clock.monotonicMs();
    if (answer === undefined || nowMs >= until) {
      answer = look();
      until = nowMs + forMs;
    }
    return answer;
  };
}

function leaseCheck(now: Standing) {
  if (now.kind === 'stands-by') return { detail: 'standby: another leads', ok: false };
  const isFenced = now.coordinator.fenced.aborted;
  return check(!isFenced, 'leads', 'another coordinator wrote to the log');
}

async function transportCheck(now: Standing) {
  if (now.kind === 'stands-by') return { detail: 'a stand-by listens to no site', ok: false };
  const { addresses } = await now.coordinator.desk.head();
  return check(addresses.length > 0, 'listens to sites', 'no site can connect');
}

function check(ok: boolean, yes: string, no: string) {
  return { detail: ok ? yes : no, ok };
}
