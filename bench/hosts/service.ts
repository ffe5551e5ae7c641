// The product as `npm start` runs it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Service } from '../../src/service/service.ts';
import type { Settings } from '../../src/service/settings.ts';
import { benchLimits as limits } from '../limits.ts';
import type { Running } from './host.ts';

const pollMs = 20;

export async function startService(settings: Settings, way: 'grpc' | 'rest'): Promise<Running> {
  const service = await Service.start({ settings, onGiveUp: () => process.exit(1) });
  const deadline = performance.now() + limits.hostReadyMsMax;
  while (!(await isReady(service.ports.http))) {
    if (performance.now() > deadline) throw new Error('the service was not ready in time');
    await sleep(pollMs);
  }
  const { http, grpc } = service.ports;
  return { port: way === 'rest' ? http : grpc, stop: () => service.stop() };
}

async function isReady(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
}
