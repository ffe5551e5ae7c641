/**
 * A virtual host for a test alone, for what knows no prefix: the product as a whole. Made by rabbitmqctl, where that may be used;
 * else the one of AMQP_URL, as it is.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { rabbitUrl } from './rabbit.ts';

const run = promisify(execFile);
const everything = '.*';

export interface Vhost {
  readonly url: string;
  drop(): Promise<void>;
}

export async function openVhost(): Promise<Vhost> {
  const name = `test-${randomUUID()}`;
  const url = new URL(rabbitUrl);
  try {
    await run('rabbitmqctl', ['add_vhost', name]);
  } catch {
    return { url: rabbitUrl, drop: async () => undefined };
  }
  await run('rabbitmqctl', ['set_permissions', '-p', name, url.username, everything, everything, everything]);
  url.pathname = name;
  return {
    url: url.href,
    async drop() {
      await run('rabbitmqctl', ['delete_vhost', name]);
    },
  };
}
