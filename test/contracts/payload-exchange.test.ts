import test, { type TestFn } from 'ava';
import { createLibp2pBuses, createMemoryBuses } from './create-buses.ts';
import { payloadExchangeContract } from './payload-exchange.contract.ts';

payloadExchangeContract(test as TestFn, 'payloads over memory', createMemoryBuses);
payloadExchangeContract(test.serial as TestFn, 'payloads over libp2p', createLibp2pBuses);
