/** The standard health service, asked as a load balancer asks it. */
import { Client, credentials } from '@grpc/grpc-js';

const names = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** Of the server as a whole. */
export async function health(port: number): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        // HealthCheckRequest without a service is empty; HealthCheckResponse is its one field, an enum.
        () => Buffer.alloc(0),
        (bytes: Buffer) => names[bytes[1] ?? 0] ?? 'UNKNOWN',
        null,
        { deadline: Date.now() + 10_000 },
        (error, answer) => (error === null ? resolve(answer ?? 'UNKNOWN') : reject(error)),
      );
    });
  } finally {
    client.close();
  }
}
