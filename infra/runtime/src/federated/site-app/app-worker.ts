// Entry point of the process in which an installed app's code runs, and nowhere else at its site. It
// ends with its owner.

import assert from 'node:assert/strict';
import { AppError } from '@starling/shared';
import { loadClient, loadServer } from '../app/load-app.ts';
import { performTask } from '../clients/client-task.ts';
import { reasonOf } from '../clients/reason.ts';
import type { AppAnswer, AppQuestion, FromApp, ToApp } from './app-messages.ts';
import { endWithOwner } from './end-with-owner.ts';

assert(process.send !== undefined, 'app-worker runs as a child process only');
const running = new Map<number, AbortController>();

endWithOwner();
process.on('disconnect', () => process.exit());
process.on('message', (message: ToApp) => {
  if (message.kind === 'abort') running.get(message.id)?.abort();
  else void answer(message.id, message.question);
});

async function answer(id: number, question: AppQuestion): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    say({ id, answer: await perform(question, controller.signal), code: '', message: '' });
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'invalid-app';
    const message = error instanceof AppError ? error.message : reasonOf(error);
    say({ id, answer: undefined, code, message });
  } finally {
    running.delete(id);
  }
}

async function perform(question: AppQuestion, signal: AbortSignal): Promise<AppAnswer> {
  if (question.kind === 'initial') {
    const { runConfig, seed, server } = question;
    const run = await (await loadServer(new URL(server))).start({ runConfig, seed });
    return { kind: 'initial', weights: run.checkpoint.arrays['model'] };
  }
  const client = await loadClient(new URL(question.client));
  return { kind: 'task', outcome: await performTask(client, question.task, signal) };
}

function say(message: FromApp): void {
  if (process.connected) process.send?.(message, () => {});
}
