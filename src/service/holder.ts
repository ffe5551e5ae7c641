// How a process names itself in the owner row, and what others read from such a name.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Names this start of this process. */
export function nameHolder(): string {
  return `${hostname()}:${process.pid}:${randomUUID()}`;
}

export interface Holder {
  readonly host: string;
  readonly pid: number;
}

/** @returns undefined for a name of another make */
export function readHolder(name: string): Holder | undefined {
  const [, host, pid] = /^(.+):(\d{1,10}):[0-9a-f-]{36}\b/.exec(name) ?? [];
  return host === undefined || pid === undefined ? undefined : { host, pid: Number(pid) };
}
