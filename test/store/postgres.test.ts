// The real store keeps the contract of stores.
import { storeContract } from './contract.ts';
import { makeDatabase, makeStores } from './real.ts';

storeContract('the store on PostgreSQL', async () => makeStores(await makeDatabase()));
