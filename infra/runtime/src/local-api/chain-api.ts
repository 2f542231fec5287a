// What a running site answers about consensus and patterns.

import { z } from '@starling/shared';
import { Hono } from 'hono';
import type { ChainDesk } from '../chain-desk.ts';

/** UTF-16 units of the reason of a veto. */
export const VETO_REASON_MAX = 200;

const vetoSchema = z.strictObject({ reason: z.string().trim().min(1).max(VETO_REASON_MAX) });
/** UTF-16 units, as a setting's message has them. */
const SETTING_VALUE_MAX = 256;
const settingSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,62}$/, 'is 1 to 63 small letters, digits, "." and "-"'),
  value: z.string().max(SETTING_VALUE_MAX),
});
const noOptionsSchema = z.strictObject({});

/** A digest or the beginning of one. */
const prefixSchema = z
  .string()
  .regex(/^[0-9a-f]{4,64}$/, 'is no id: give 4 to 64 of its hexadecimal digits');

export function chainApi(desk: ChainDesk): Hono {
  const app = new Hono();
  app.get('/consensus', async (context) => context.json(await desk.consensus()));
  app.get('/consensus/evidence/:id', async (context) => {
    return context.json(await desk.evidence(idIn(context.req.param('id'))));
  });
  app.post('/consensus/settings', async (context) => {
    const { name, value } = settingSchema.parse(await context.req.json());
    return context.json(await desk.proposeSetting(name, value));
  });
  app.post('/consensus/settings/:id/approval', async (context) => {
    noOptionsSchema.parse(await context.req.json());
    return context.json(await desk.approveSetting(idIn(context.req.param('id'))));
  });
  app.get('/patterns', async (context) => context.json(await desk.patterns()));
  app.post('/patterns/learn', async (context) => {
    noOptionsSchema.parse(await context.req.json());
    return context.json(await desk.learn());
  });
  app.get('/patterns/:id', async (context) => {
    return context.json(await desk.pattern(idIn(context.req.param('id'))));
  });
  app.post('/patterns/:id/veto', async (context) => {
    const { reason } = vetoSchema.parse(await context.req.json());
    return context.json(await desk.veto(idIn(context.req.param('id')), reason));
  });
  app.delete('/patterns/:id/veto', async (context) => {
    return context.json(await desk.unveto(idIn(context.req.param('id'))));
  });
  return app;
}

function idIn(text: string): string {
  return z.strictObject({ id: prefixSchema }).parse({ id: text }).id;
}
