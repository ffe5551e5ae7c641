// What threads say to each other. All of it is plain data: classes and error codes do not survive a port.
import type { MessagePort } from 'node:worker_threads';
import type { Reply } from '../../actors/behaviour.ts';
import type { JournalRow } from '../store.ts';
import type { PeerMessage, Request, UpNotice } from '../transport.ts';

/** Ingress thread to shard thread. */
export interface Ask extends Request {
  /** Of the asking thread's own counting. */
  readonly id: number;
}

/** Shard thread to ingress thread. */
export type ShardToIngress =
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  /** Everything of the shard up to `seq` is durable. */
  | { readonly type: 'durable'; readonly shard: number; readonly seq: number }
  | { readonly type: 'load'; readonly load: Load }
  /** To whoever has room for rows: they are durable. What is left out can be read from the journal. */
  | { readonly type: 'rows'; readonly rows: readonly JournalRow[] };

/** From whoever wants rows of the journal: room for so many characters more of them. Who has no room gets none. */
export interface RowsRoom {
  readonly room: number;
}

/**
 * What a shard thread can take. crowded: so much waits to be done outside that nothing new is to be begun. lagging: its
 * snapshots are so far behind that no writes are to come at all.
 */
export type Load = 'usual' | 'crowded' | 'lagging';

export type ShardToShard = PeerMessage | UpNotice;

/** Where an ingress thread listens; before it does, where it is to (0: a free port). */
export interface IngressPorts {
  readonly http: number;
  readonly grpc: number;
}

/** What the other end of a new port is: an ingress thread, or a shard thread of the service of this name. */
export interface Peer {
  readonly group: string;
  readonly thread: number;
}

export const ingressGroup = 'ingress';

/** Supervisor to any thread. */
export type Control =
  | { readonly type: 'connect'; readonly peer: Peer; readonly port: MessagePort }
  | { readonly type: 'disconnect'; readonly peer: Peer }
  /** Ingress: whether this process serves. A standby answers 'unavailable'. */
  | { readonly type: 'serving'; readonly isServing: boolean }
  /** Ingress: why the process is not ready; null where it is. */
  | { readonly type: 'state'; readonly notReady: string | null }
  /** Finish what has been begun, and say 'drained'. */
  | { readonly type: 'drain' }
  /** Say 'stopped', and end. */
  | { readonly type: 'stop' }
  | { readonly type: 'metrics'; readonly id: number }
  | { readonly type: 'log-level'; readonly level: string }
  /** The answer to what an ingress thread wanted to know of the process; null where nobody can say. */
  | { readonly type: 'told'; readonly id: number; readonly answer: unknown };

/** Any thread to the supervisor. */
export type Report =
  /** A shard thread has recovered its shards, or an ingress thread listens. */
  | { readonly type: 'ready'; readonly ports?: IngressPorts }
  /** An ingress thread cannot have its port; it ends. */
  | { readonly type: 'cannot-listen'; readonly which: keyof IngressPorts; readonly why: string }
  | { readonly type: 'drained' }
  | { readonly type: 'stopped' }
  | { readonly type: 'displaced' }
  /** Said by the supervisor of itself: the thread's event loop stands still, and it is ended. */
  | { readonly type: 'stalled' }
  | { readonly type: 'metrics'; readonly id: number; readonly metrics: unknown }
  /** An ingress thread wants to know something that only the process as a whole can say. */
  | { readonly type: 'wonders'; readonly id: number; readonly question: unknown };
