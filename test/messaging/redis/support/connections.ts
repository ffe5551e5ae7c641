// Connections as the service opens them, and what they log and count.
import { pino } from 'pino';
import { RedisConnection } from '../../../../src/messaging/redis/connection.ts';
import { defineScripts } from '../../../../src/messaging/redis/scripts.ts';
import { until } from '../../../support/until.ts';

export interface Connected {
  readonly connection: RedisConnection;
  /** `redis-up`, `redis-down`, `redis-refuses`, in the order in which they were logged. */
  readonly said: string[];
  readonly problems: string[];
}

export function connect(url: string): Connected {
  const said: string[] = [];
  const problems: string[] = [];
  const log = pino({}, { write: (line: string) => void said.push(String(JSON.parse(line).event)) });
  const observe = (problem: string) => void problems.push(problem);
  const connection = new RedisConnection({ url, name: 'test', log, observe });
  defineScripts(connection.redis);
  return { connection, said, problems };
}

export async function connectUp(url: string): Promise<Connected> {
  const connected = connect(url);
  await isUp(connected);
  return connected;
}

export async function isUp({ connection }: Pick<Connected, 'connection'>): Promise<void> {
  await until('Redis to be used', () => connection.isUp);
}
