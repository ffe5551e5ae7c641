// The real store keeps the contract of stores, with the tables of Inventory.
import { storeContract } from './contract.ts';
import { makeDatabase, makeStores } from './real.ts';
import { inventorySamples } from './samples.ts';

storeContract('the store on PostgreSQL', inventorySamples, async () => makeStores(await makeDatabase()));
