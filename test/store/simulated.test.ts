// The simulator's store keeps the same contract as the real one: else its verdicts would be worth nothing.
import { Database } from '../../src/simulation/engine/database.ts';
import { directWire, SimStore } from '../../src/simulation/engine/sim-store.ts';
import { shards, storeContract } from './contract.ts';

storeContract('the store of the simulator', async () => {
  const database = new Database(shards.length, () => Date.now());
  return {
    store: new SimStore(database, directWire),
    other: new SimStore(database, directWire),
    own: async () => database.takeOwnership(),
    close: async () => {},
  };
});
