import type { Digest, FetchOptions, MemberId, PayloadRef, Roster } from '@starling/shared';
import test from 'ava';
import { MEASURED_BYTES_MIN, MeasuredLinks } from './measured-links.ts';

const member = 'a'.repeat(64) as MemberId;
const { signal } = new AbortController();
const asked: FetchOptions[] = [];
const roster = { members: [{ member, transportId: 'north' }] } as unknown as Roster;

/** Payloads take `tookMs` each, by a clock of its own. */
function linksOf(tookMs: number) {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs };
  const payloads = {
    fetch: async ({ bytes }: PayloadRef, options: FetchOptions) => {
      asked.push(options);
      nowMs += tookMs;
      return new Uint8Array(bytes);
    },
  };
  const startingModel = new Float32Array(16);
  return new MeasuredLinks({ clock, payloads, startingModel }, { state: { roster } });
}

function refOf(bytes: number): PayloadRef {
  return { bytes, root: '0'.repeat(64) as Digest };
}

test("a member's link is as fast as its newest large payload came", async (t) => {
  const links = linksOf(500);
  await links.pull(member, refOf(MEASURED_BYTES_MIN), signal);
  t.is(links.links.bytesPerS.get(member), 2 * MEASURED_BYTES_MIN);
  await links.pull(member, refOf(4 * MEASURED_BYTES_MIN), signal);
  t.is(links.links.bytesPerS.get(member), 8 * MEASURED_BYTES_MIN);
  t.is(links.links.payloadBytes, 64);
  t.deepEqual(asked[0]?.providers, ['north']);
});

test('small payloads and those that take no time say nothing of a link', async (t) => {
  const slow = linksOf(500);
  await slow.pull(member, refOf(MEASURED_BYTES_MIN - 1), signal);
  t.is(slow.links.bytesPerS.size, 0);
  const here = linksOf(0);
  await here.pull(member, refOf(MEASURED_BYTES_MIN), signal);
  t.is(here.links.bytesPerS.size, 0);
});
