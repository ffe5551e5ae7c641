// The thread in which row locks stand where Synkro has the shard threads of Logistics.
import { engineData, serveAsks } from '../hosts/engine-thread.ts';
import { openOrderRowLock } from './order-row-lock.ts';

const rival = openOrderRowLock(engineData.databaseUrl, engineData.poolSize);

serveAsks(
  ({ ref, command }) => rival.create(ref.id, command),
  () => rival.close(),
);
