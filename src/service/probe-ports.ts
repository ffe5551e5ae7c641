// Whether this process can listen where it is told to, found out before anything is started. Each port is listened on for
// a moment and exclusively: ingress threads share theirs, and would silently share another process's too.
import { createServer, type Server } from 'node:net';
import { codeOf } from '../persistence/embedded/errors.ts';
import { SettingError, type Settings } from './settings.ts';

type Listening = Pick<Settings, 'host' | 'httpPort' | 'grpcPort'>;
type PortSetting = 'HTTP_PORT' | 'GRPC_PORT';

/** @throws SettingError naming the setting that is in the way: HTTP_PORT, GRPC_PORT or HOST */
export async function probePorts({ host, httpPort, grpcPort }: Listening): Promise<void> {
  if (httpPort !== 0 && httpPort === grpcPort)
    throw new SettingError('GRPC_PORT', `${grpcPort} is also HTTP_PORT: each needs a port of its own`);
  await probe('HTTP_PORT', host, httpPort);
  await probe('GRPC_PORT', host, grpcPort);
}

/** What an error of listening means to whoever made the settings. */
export function listenProblem(name: PortSetting, host: string, port: number, error: unknown): SettingError {
  const code = codeOf(error);
  if (code === 'EADDRINUSE')
    return new SettingError(
      name,
      `${port} on ${host} is in use: stop what listens there, or set another port`,
    );
  if (code === 'EACCES')
    return new SettingError(name, `${port} on ${host} is not allowed to this account: set a port above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new SettingError('HOST', `${JSON.stringify(host)} is no address of this machine (${code})`);
  const why = code ?? (error instanceof Error ? error.message : String(error));
  return new SettingError(name, `${port} on ${host} cannot be listened on (${why})`);
}

async function probe(name: PortSetting, host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await listen(server, host, port);
  } catch (error) {
    throw listenProblem(name, host, port, error);
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
}
