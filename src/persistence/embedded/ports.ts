/** Which port the server gets: the one it had last, so that addresses handed out stay right, else a free one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

export async function choosePort(file: string): Promise<number> {
  const last = rememberedPort(file);
  if (last !== undefined && (await bind(last)) !== undefined) return last;
  const free = await bind(0);
  if (free === undefined) throw new Error('127.0.0.1 has no free port');
  return free;
}

export function rememberPort(file: string, port: number): void {
  writeFileSync(file, `${port}\n`, { mode: 0o600 });
}

function rememberedPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** Listens for a moment; gives the port, or undefined where it is taken. */
function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on('error', () => resolve(undefined));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
