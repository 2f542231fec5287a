import test, { type TestFn } from 'ava';
import { channelProofContract } from './channel-proof.contract.ts';
import { createLibp2pBuses, createMemoryBuses } from './create-buses.ts';
import { hostileChannelContract } from './hostile-channel.contract.ts';

for (const contract of [channelProofContract, hostileChannelContract]) {
  contract(test as TestFn, 'memory bus', createMemoryBuses);
  contract(test.serial as TestFn, 'libp2p bus', createLibp2pBuses);
}
