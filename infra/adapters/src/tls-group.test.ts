import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { multiaddr } from '@multiformats/multiaddr';
import test from 'ava';
import { startLibp2pBus } from './libp2p-bus.ts';
import { groupOf, negotiatedTlsGroup, TLS_GROUP } from './tls-group.ts';
import { generateTransportKey } from './transport-key.ts';

const DEADLINE_MS = 10_000;

test('this runtime negotiates the hybrid post-quantum group', async (t) => {
  t.is(await negotiatedTlsGroup(), 'X25519MLKEM768');
});

test("the bus's own port agrees on the hybrid group and refuses a classical one", async (t) => {
  const { key } = await generateTransportKey();
  const listen = ['/ip4/127.0.0.1/tcp/0'];
  const bus = await startLibp2pBus({ privateKey: key, topicPrefix: 'test', listen });
  t.teardown(() => bus.stop());
  t.is(await groupAgreedWith(bus.addresses()[0] ?? '', TLS_GROUP), 'X25519MLKEM768');
  const classical = groupAgreedWith(bus.addresses()[0] ?? '', 'X25519');
  await t.throwsAsync(classical, { message: /handshake failure/ });
});

/** Dials the address by hand as far as the TLS handshake, offering `groups` only. */
async function groupAgreedWith(address: string, groups: string): Promise<string> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const port = multiaddr(address)
    .getComponents()
    .find(({ name }) => name === 'tcp')?.value;
  const socket = net.connect(Number(port), '127.0.0.1');
  try {
    socket.write(multistream('/multistream/1.0.0') + multistream('/tls/1.0.0'));
    await answered(socket, '/tls/1.0.0\n', signal);
    const client = tls.connect({
      socket,
      ecdhCurve: groups,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: false,
      ALPNProtocols: ['libp2p'],
    });
    client.on('error', () => undefined);
    await once(client, 'secureConnect', { signal });
    return groupOf(client);
  } finally {
    socket.destroy();
  }
}

/** One multistream-select line with its length. */
function multistream(line: string): string {
  return `${String.fromCharCode(line.length + 1)}${line}\n`;
}

async function answered(socket: Socket, words: string, signal: AbortSignal): Promise<void> {
  let text = '';
  while (!text.includes(words)) {
    const [data] = (await once(socket, 'data', { signal })) as [Buffer];
    text += data.toString('latin1');
  }
}
