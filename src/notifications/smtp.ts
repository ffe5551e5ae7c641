// One attempt at a mail over SMTP, and what its answer means: whether it is the recipient that is refused, for good or for
// now, or the server that is away.
import { createTransport } from 'nodemailer';
import type { Message } from './message.ts';
import { codeOf, type Outcome } from './outcome.ts';

export interface SmtpOptions {
  readonly url: string;
  readonly from: string;
  readonly connectionsMax: number;
  readonly connectMsMax: number;
  readonly silenceMsMax: number;
}

export interface Mail {
  /** The same whenever it is sent again: mail systems drop repeats by it. */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly message: Message;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

export interface MailServer {
  /** Never rejects. */
  send(mail: Mail): Promise<Outcome>;
  close(): void;
}

/** Connects when the first mail is sent. */
export function connectSmtp(options: SmtpOptions): MailServer {
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: options.connectionsMax,
    // What may have been sent is sent again by the courier, which writes down that it does.
    maxRequeues: 0,
    connectionTimeout: options.connectMsMax,
    greetingTimeout: options.connectMsMax,
    dnsTimeout: options.connectMsMax,
    socketTimeout: options.silenceMsMax,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ messageId, to, message, signal }) {
      const { subject, text, html } = message;
      try {
        await transport.sendMail({
          from: options.from,
          to: [to],
          messageId,
          subject,
          text,
          html,
          // Nobody's holiday answers this (RFC 3834).
          headers: { 'auto-submitted': 'auto-generated' },
          signal,
        });
        return { is: 'sent' };
      } catch (thrown) {
        return outcomeOf(thrown);
      }
    },
    close: () => transport.close({ force: true }),
  };
}

/** Where a refusal is about this mail alone. At MAIL FROM, AUTH and the like it is about us, and all mail. */
const stepsOfOneMail: ReadonlySet<unknown> = new Set(['RCPT TO', 'DATA']);

/** 421: the server closes; whatever it was about. */
const serverCloses = 421;

function outcomeOf(thrown: unknown): Outcome {
  const [code, step] =
    thrown instanceof Error ? [Reflect.get(thrown, 'responseCode'), Reflect.get(thrown, 'command')] : [];
  if (typeof code !== 'number' || code === serverCloses) {
    const reason = code === serverCloses ? 'SMTP 421' : `no connection: ${codeOf(thrown)}`;
    return { is: 'later', reason, afterMs: null, isTargetAway: true };
  }
  const isOfOneMail = stepsOfOneMail.has(step);
  // Not what the server said, which may repeat the address.
  const reason = `SMTP ${code} at ${isOfOneMail ? step : 'the beginning'}`;
  if (isOfOneMail && code >= 500) return { is: 'failed', reason };
  return { is: 'later', reason, afterMs: null, isTargetAway: !isOfOneMail };
}
