// The thread that answers at once: what a Router and a port between two threads carry.
import { grantAll } from './empty.ts';
import { serveAsks } from './engine-thread.ts';

serveAsks(
  ({ ref, command }) => grantAll(ref.id, command),
  async () => {},
);
