// What a running site answers to its own machine.

import type { PrometheusMeter } from '@starling/adapters';
import { HITS_MAX, type Peer, type PrivacyBudget, type PrivacyLimit } from '@starling/peer';
import { digestSchema, type Logger, type TransportId, z } from '@starling/shared';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { siteLedgerApi } from '../ledger/ledger-api.ts';
import { type PrivacyChange, privacyChangeSchema } from '../privacy-limit-file.ts';
import { SiteDesk } from '../site-desk.ts';
import { listTrainings } from '../training-summary.ts';
import { described } from '../verify-from-log.ts';
import { API_BODY_BYTES_MAX, answerError, answerTooLarge } from './answer.ts';
import { chainApi } from './chain-api.ts';
import { requireToken } from './serve-locally.ts';

const searchSchema = z.strictObject({
  k: z.int().min(1).max(HITS_MAX).default(10),
  text: z.string().min(1),
});

const documentsSchema = z.strictObject({
  documents: z
    .array(z.strictObject({ answer: z.string(), query: z.string(), source: z.string() }))
    .max(10_000),
});

export interface PeerApiParts {
  /** Copies its stores; the folder with them. */
  readonly copyStores: () => Promise<string>;
  /** Writes the limit into the config; it holds from the next round on. */
  readonly limitPrivacy: (change: PrivacyChange) => Promise<PrivacyLimit>;
  /** Peers with an open channel. */
  readonly connected: () => readonly TransportId[];
  readonly peer: Peer;
  readonly privacy: PrivacyBudget;
  readonly logger: Logger;
  readonly meter: PrometheusMeter;
  readonly token: string;
}

export function peerApi(parts: PeerApiParts): Hono {
  const { connected, copyStores, limitPrivacy, logger, meter, peer, privacy, token } = parts;
  const app = new Hono();
  app.onError(answerError(logger));
  app.notFound((context) => context.json({ code: 'not-found', error: 'no such question' }, 404));
  app.use(requireToken(token));
  app.use(bodyLimit({ maxSize: API_BODY_BYTES_MAX, onError: answerTooLarge }));
  app.get('/status', (context) => context.json(peer.status()));
  app.get('/roster', (context) => context.json(peer.roster()));
  app.get('/metrics', async (context) => {
    context.header('content-type', meter.contentType);
    return context.body(await meter.expose());
  });
  app.get('/rounds/:round/verification', async (context) => {
    const round = z.coerce.number().int().min(1).parse(context.req.param('round'));
    return context.json(await described(round, () => peer.verification.round(round)));
  });
  app.get('/trainings', async (context) => {
    return context.json({ trainings: listTrainings(await peer.verification.trainings()) });
  });
  app.get('/trainings/:round/verification', async (context) => {
    const round = z.coerce.number().int().min(1).parse(context.req.param('round'));
    const expected = digestSchema.optional().parse(context.req.query('commitment'));
    return context.json(await peer.verification.update(round, expected));
  });
  app.get('/privacy', (context) => context.json(privacy.summary()));
  app.post('/privacy', async (context) => {
    privacy.setLimit(await limitPrivacy(privacyChangeSchema.parse(await context.req.json())));
    return context.json(privacy.summary());
  });
  app.post('/copies', async (context) => context.json({ folder: await copyStores() }));
  app.get('/samples', (context) => context.json(meter.snapshot()));
  app.post('/search', async (context) => {
    const { k, text } = searchSchema.parse(await context.req.json());
    return context.json({ hits: await peer.search(text, k) });
  });
  app.post('/documents', async (context) => {
    const { documents } = documentsSchema.parse(await context.req.json());
    return context.json({ added: await peer.add(documents) });
  });
  app.route('/', siteLedgerApi(peer));
  app.route('/', chainApi(new SiteDesk(peer, connected)));
  return app;
}
