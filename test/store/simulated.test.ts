// The simulator's store keeps the same contract as the real one: else its verdicts would be worth nothing.
import { Database } from '../../src/simulation/engine/database.ts';
import { directWire, SimStore } from '../../src/simulation/engine/sim-store.ts';
import { logisticsSamples } from '../logistics-store/samples.ts';
import { type StoreUnderTest, shards, storeContract } from './contract.ts';
import { inventorySamples } from './samples.ts';

async function makeStore(): Promise<StoreUnderTest> {
  const database = new Database(shards.length, () => Date.now());
  return {
    store: new SimStore(database, directWire),
    other: new SimStore(database, directWire),
    own: async () => database.takeOwnership(),
    close: async () => {},
  };
}

storeContract('the store of the simulator, with actors of Inventory', inventorySamples, makeStore);
storeContract('the store of the simulator, with actors of Logistics', logisticsSamples, makeStore);
