// A mail server on a real socket, which refuses whom it is told to.
import { SMTPServer } from 'smtp-server';
import { until } from '../../support/until.ts';

export interface ReceivedMail {
  readonly to: string;
  /** As it came, with its headers. */
  readonly text: string;
}

/** Thrown at RCPT TO, at the end of DATA, or at MAIL FROM. */
export interface Refusals {
  sender: () => number | null;
  recipient: (address: string) => number | null;
  message: (address: string) => number | null;
}

export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** Every recipient that was named, also those that were refused. */
  readonly named: string[] = [];
  readonly refuse: Refusals = { sender: () => null, recipient: () => null, message: () => null };
  #server: SMTPServer | null = null;
  #port = 0;

  static async start(): Promise<MailServer> {
    const server = new MailServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  /** On the port that it had. */
  async listen(): Promise<void> {
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      // Connections that wait for the next mail are cut.
      closeTimeout: 50,
      onMailFrom: (_address, _session, done) => done(refusalOf(this.refuse.sender(), 'nobody')),
      onRcptTo: ({ address }, _session, done) => {
        this.named.push(address);
        done(refusalOf(this.refuse.recipient(address), address));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address).join(',');
          const refusal = refusalOf(this.refuse.message(to), to);
          if (refusal === null) this.mails.push({ to, text: Buffer.concat(chunks).toString('utf8') });
          done(refusal);
        });
      },
    });
    this.#server = server;
    // Connections that are cut off by the one under test.
    server.on('error', () => {});
    await new Promise<void>((resolve) => {
      const listening = server.listen(this.#port, '127.0.0.1', resolve);
      listening.once('listening', () => {
        const address = listening.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : 0;
      });
    });
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async has(count: number): Promise<void> {
    await until(
      `${count} mails`,
      () => this.mails.length >= count,
      10_000,
      () => this.mails.length,
    );
  }
}

/** Servers like to repeat the address. */
function refusalOf(code: number | null, address: string): Error | null {
  return code === null ? null : Object.assign(new Error(`<${address}> is refused`), { responseCode: code });
}

/** @returns the header's value, unfolded; '' where there is none */
export function headerOf({ text }: ReceivedMail, name: string): string {
  const [head = ''] = text.split('\r\n\r\n', 1);
  const unfolded = head.replaceAll(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? '';
}
