import { verifyChannelSignature } from '@starling/crypto';
import test from 'ava';
import { channelKeyOf, generateTransportKey, transportIdOf } from './transport-key.ts';

test('what signs a binding is the key of the channel, under the same peer id', async (t) => {
  for (let i = 0; i < 8; i++) {
    const { key, transportId } = await generateTransportKey();
    const channel = channelKeyOf(key);
    t.is(channel.transportId, transportId);
    t.is(transportIdOf(key), transportId);
    const message = Uint8Array.of(i);
    t.true(verifyChannelSignature(channel.publicKey, message, channel.sign(message)));
  }
  t.throws(() => channelKeyOf(new Uint8Array(9)), { instanceOf: TypeError });
});
