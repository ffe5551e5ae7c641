// What shards say to each other, and the seam over which they say it. Within a process it is a mesh of MessagePorts;
// in the simulator a network that loses, delays and repeats. It may lose and repeat: the channels make up for both.
import type { Answer, AskedKey, Ref } from '../actors/behaviour.ts';
import type { Sent } from './record.ts';

export type PeerMessage =
  | { readonly type: 'message'; readonly from: number; readonly to: number; readonly sent: Sent }
  /** `from` is the shard that answers, `to` the one that had sent message `n`. */
  | {
      readonly type: 'answer';
      readonly from: number;
      readonly to: number;
      readonly n: number;
      readonly answer: Answer;
    }
  /** `from` had sent the messages and has recorded every answer up to `n`. */
  | { readonly type: 'acknowledge'; readonly from: number; readonly to: number; readonly n: number };

/** `up`: these shards have been recovered: send again what they have not answered. */
export interface UpNotice {
  readonly type: 'up';
  readonly shards: readonly number[];
}

export interface Transport {
  /** Towards whichever thread has shard `message.to`, which is never the caller's own. May lose it. */
  send(message: PeerMessage): void;
  /** To every other thread. May lose it. */
  announce(notice: UpNotice): void;
}

/** What a client asks of an actor, as it reaches the shard's thread. */
export interface Request {
  readonly ref: Ref;
  readonly shard: number;
  readonly command: unknown;
  readonly receipt: AskedKey | null;
  /** On the clock's monotonic time; work that has not begun by then is dropped. */
  readonly deadline: number;
}
