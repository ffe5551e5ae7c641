// The thread in which FOR UPDATE stands where Synkro has its shard threads.
import { engineData, serveAsks } from '../hosts/engine-thread.ts';
import { openForUpdate } from './for-update.ts';

const rival = openForUpdate(engineData.databaseUrl, engineData.poolSize);

serveAsks(
  ({ ref, command }) => rival.reserve(ref.id, command),
  () => rival.close(),
);
