// One node's work in one round: a handler of the client app, with the node's own state and seed.

import {
  type AppMessage,
  type ConfigRecord,
  type RecordDict,
  recordDict,
  recordFault,
} from '@starling/shared';
import type { ClientApp, ClientContext } from '@starling/training';
import { reasonOf } from './reason.ts';

export interface ClientTask {
  readonly message: AppMessage;
  readonly runConfig: ConfigRecord;
  readonly nodeConfig: ConfigRecord;
  readonly state: RecordDict;
  readonly seed: number;
}

/** A failure is a value: it ends this node's contribution, not the round. */
export type ClientOutcome =
  | { readonly ok: true; readonly content: RecordDict; readonly state: RecordDict }
  | { readonly ok: false; readonly reason: string };

/** Never rejects. */
export async function performTask(
  app: ClientApp,
  task: ClientTask,
  signal: AbortSignal,
): Promise<ClientOutcome> {
  if (signal.aborted) return { ok: false, reason: 'aborted' };
  const { message, nodeConfig, runConfig, seed } = task;
  const context: ClientContext = {
    node: message.node,
    runConfig,
    nodeConfig,
    state: task.state,
    signal,
    seed,
  };
  try {
    const content = await app.handle(message, context);
    const state = context.state ?? recordDict();
    const fault = recordFault(state);
    if (fault !== undefined) return { ok: false, reason: `invalid-state: ${fault}` };
    return { ok: true, content, state };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}
