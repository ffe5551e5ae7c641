// The thread that confirms every order at once and forgets it: what is left is the edge, and the
// port between two threads.
import { randomUUID } from 'node:crypto';
import { fail } from '../../src/actors/failure.ts';
import { serveAsks } from '../hosts/engine-thread.ts';
import { confirmedView, isCreateAsked } from './confirmed.ts';

const made = { paymentId: randomUUID(), transactionId: randomUUID(), warehouseOf: new Map<string, string>() };

serveAsks(
  ({ ref, command }) =>
    isCreateAsked(command)
      ? { ok: confirmedView(ref.id, command.order, made) }
      : fail('internal', 'not an order'),
  async () => {},
);
