import test, { type TestFn } from 'ava';
import { createLibp2pBuses, createMemoryBuses } from './create-buses.ts';
import { messageBusContract } from './message-bus.contract.ts';

messageBusContract(test as TestFn, 'memory bus', createMemoryBuses);
messageBusContract(test.serial as TestFn, 'libp2p bus', createLibp2pBuses);
