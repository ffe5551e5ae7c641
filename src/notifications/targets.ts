// Who is told, by the settings: every webhook, and by mail the customer and the shop. A courier for each.
import type { Logger } from 'pino';
import type { NotificationStore } from '../persistence/notifications/store.ts';
import { addressIn } from './address.ts';
import type { Contacts } from './contacts.ts';
import type { Counts } from './counts.ts';
import { Courier } from './courier.ts';
import { type Deliver, type MailDeps, toCustomer, toShop, toWebhook } from './deliver.ts';
import type { NotificationLimits } from './limits.ts';
import type { Audience } from './rules.ts';
import { assertSecret } from './signature.ts';
import { connectSmtp, type MailServer } from './smtp.ts';

export interface TargetOptions {
  readonly webhookUrls: readonly string[];
  /** Every webhook is signed with each of them. */
  readonly webhookSecrets: readonly string[];
  /** Null: no mail is sent. */
  readonly smtpUrl: string | null;
  /** Such as `shop@example.org` or `Shop <shop@example.org>`. */
  readonly mailFrom: string;
  /** '': the shop gets no mail. */
  readonly shopMail: string;
}

export interface TargetDeps {
  readonly store: NotificationStore;
  /** Null: mail goes to no customer. */
  readonly contacts: Contacts | null;
  readonly limits: NotificationLimits;
  readonly counts: Counts;
  readonly log: Logger;
}

export interface Targets {
  readonly webhookUrls: readonly string[];
  readonly mailTo: readonly Audience[];
  readonly couriers: readonly Courier[];
  close(): void;
}

/** @throws RangeError naming what cannot be */
export function openTargets(options: TargetOptions, deps: TargetDeps): Targets {
  const webhookUrls = [...new Set(options.webhookUrls)];
  if (webhookUrls.length > 0 && options.webhookSecrets.length === 0) {
    throw new RangeError('webhooks need a secret that they are signed with');
  }
  for (const secret of options.webhookSecrets) assertSecret(secret);
  const webhooks = webhookUrls.map((url) => {
    const { origin, username, password } = new URL(url);
    if (username !== '' || password !== '') throw new RangeError('the URL of a webhook has no credentials');
    return courierOf('webhook', url, origin, toWebhook(options.webhookSecrets, deps.limits), deps);
  });
  const { couriers: mail, server } = mailTargets(options, deps);
  return {
    webhookUrls,
    mailTo: (['customer', 'shop'] as const).filter((who) => mail.some(({ target }) => target === who)),
    couriers: [...webhooks, ...mail],
    close: () => server?.close(),
  };
}

interface MailTargets {
  readonly couriers: readonly Courier[];
  readonly server: MailServer | null;
}

function mailTargets({ smtpUrl, mailFrom, shopMail }: TargetOptions, deps: TargetDeps): MailTargets {
  if (smtpUrl === null) return { couriers: [], server: null };
  const { limits, contacts, store } = deps;
  const sender = addressIn(mailFrom);
  if (sender === null) throw new RangeError('the sender of mail has no address');
  const shop = shopMail === '' ? null : addressIn(shopMail);
  if (shopMail !== '' && shop === null) throw new RangeError('the mail address of the shop is none');
  const server = connectSmtp({
    url: smtpUrl,
    from: mailFrom,
    connectionsMax: limits.mailsAtOnceMax,
    connectMsMax: limits.smtpConnectMsMax,
    silenceMsMax: limits.smtpSilenceMsMax,
  });
  const mail: MailDeps = { server, domain: sender.slice(sender.lastIndexOf('@') + 1), limits };
  const of = (who: Audience, deliver: Deliver) => courierOf('mail', who, who, deliver, deps);
  return {
    couriers: [
      ...(contacts === null ? [] : [of('customer', toCustomer({ ...mail, contacts, store }))]),
      ...(shop === null ? [] : [of('shop', toShop(shop, mail))]),
    ],
    server,
  };
}

function courierOf(
  channel: 'webhook' | 'mail',
  target: string,
  label: string,
  deliver: Deliver,
  { store, limits, log, counts }: TargetDeps,
): Courier {
  return new Courier({
    target,
    label,
    // One recipient that is refused for now does not hold up the mail of all others.
    lane: channel === 'webhook' ? 'target' : 'subject',
    atOnceMax: limits.mailsAtOnceMax,
    deliver,
    store,
    limits,
    log,
    count: (outcome, times) => counts.add(channel, outcome, times),
  });
}
