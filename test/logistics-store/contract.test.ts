// The real store keeps the contract of stores, with the tables of Logistics.
import { storeContract } from '../store/contract.ts';
import { makeLogisticsDatabase, makeLogisticsStores } from './real.ts';
import { logisticsSamples } from './samples.ts';

storeContract('the store on PostgreSQL', logisticsSamples, async () =>
  makeLogisticsStores(await makeLogisticsDatabase()),
);
