// The thread in which row locks stand where Synkro has the shard threads of Logistics.
import { engineData, serveAsks } from '../hosts/engine-thread.ts';
import { openOrderRowLock } from './order-row-lock.ts';

const { databaseUrl, poolSize, stockPoolSize } = engineData;
const rival = openOrderRowLock(databaseUrl, poolSize, stockPoolSize);

serveAsks(
  ({ ref, command }) => rival.create(ref.id, command),
  () => rival.close(),
);
