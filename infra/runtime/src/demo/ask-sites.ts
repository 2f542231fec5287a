// One question to every site of a demo; a site that died gives no answer and holds nobody up.

import { LocalClient } from '../local-api/local-client.ts';
import type { LocalFederation } from '../processes/local-federation.ts';

/** How long the end of a process that stopped answering is waited for. */
export const DEATH_NOTICE_MS = 3_000;

/** Answers by site, asked side by side. @throws what a living site answers with */
export async function askSites<T>(
  federation: LocalFederation,
  names: readonly string[],
  question: (client: LocalClient, name: string) => Promise<T>,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>();
  const alive = names.filter((name) => federation.isAlive(name));
  await Promise.all(
    alive.map(async (name) => {
      try {
        const client = await LocalClient.open(federation.siteHome(name));
        answers.set(name, await question(client, name));
      } catch (error) {
        if (!(await federation.hasEnded(name, DEATH_NOTICE_MS))) throw error;
      }
    }),
  );
  return answers;
}
