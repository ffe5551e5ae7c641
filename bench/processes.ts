// The processes of a run: the host of an engine, and the generator of its load.
import { isObject, type Shape } from '../src/actors/shape.ts';
import { Child } from './child.ts';
import { type CpuAnswer, type HostOptions, hostVariable, isCpuAnswer, isReady } from './hosts/protocol.ts';
import { benchLimits as limits } from './limits.ts';
import type { CpuSample } from './measure/cpu.ts';

export class Host {
  readonly child: Child;
  readonly port: number;

  private constructor(child: Child, port: number) {
    this.child = child;
    this.port = port;
  }

  /** @param amqpUrl where its events go; '' for none, whatever the environment says: it would be measured with the rest */
  static async start(options: HostOptions, amqpUrl = ''): Promise<Host> {
    const name = `host of ${options.engine} (${options.job}, ${options.way})`;
    const child = new Child(name, new URL('hosts/host.ts', import.meta.url), {
      [hostVariable]: JSON.stringify(options),
      AMQP_URL: amqpUrl,
    });
    try {
      const { port } = await child.wait('ready', isReady, limits.hostReadyMsMax);
      return new Host(child, port);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  async cpu(): Promise<CpuSample> {
    return (await this.#usage()).sample;
  }

  /** Its resident memory, in bytes. */
  async rssBytes(): Promise<number> {
    return (await this.#usage()).rssBytes;
  }

  #usage(): Promise<CpuAnswer> {
    this.child.send({ type: 'cpu' });
    return this.child.wait('its CPU time', isCpuAnswer, limits.askMsMax);
  }
}

/** Of a child that has nothing else to say. */
export const isStarted: Shape<object> = (value): value is object =>
  isObject(value) && value['type'] === 'ready';

export async function startGenerator(): Promise<Child> {
  const child = new Child('load generator', new URL('load/generator.ts', import.meta.url));
  try {
    await child.wait('ready', isStarted, limits.hostReadyMsMax);
    return child;
  } catch (error) {
    child.kill();
    throw error;
  }
}
