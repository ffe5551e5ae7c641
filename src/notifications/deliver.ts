// How one row is sent: to a webhook, to a customer, to the shop. What must not be kept (who a customer is, where their mail
// goes) is asked for here, used, and let go.
import { createHash } from 'node:crypto';
import { isPublishedEvent, type PublishedEvent } from '../events/event.ts';
import type { NotificationStore, WaitingRow } from '../persistence/notifications/store.ts';
import { isAddress } from './address.ts';
import { type Contact, type Contacts, ContactsAway } from './contacts.ts';
import type { NotificationLimits } from './limits.ts';
import type { Outcome } from './outcome.ts';
import { preferencesOf, wants } from './preferences.ts';
import { type Rule, ruleOf } from './rules.ts';
import type { MailServer } from './smtp.ts';
import { type Known, render } from './templates.ts';
import { postWebhook } from './webhook.ts';

/** @param signal ends the attempt. @throws StoreError, and what is a fault of ours */
export type Deliver = (row: WaitingRow, signal: AbortSignal) => Promise<Outcome>;

const unreadable: Outcome = { is: 'failed', reason: 'the event cannot be read by this version' };

export function toWebhook(secrets: readonly string[], limits: NotificationLimits): Deliver {
  return async (row, signal) => {
    const ruled = ruledEventOf(row);
    if (ruled === null) return unreadable;
    const { subject, text } = render(ruled.rule.template, ruled.event);
    const message = { template: ruled.rule.template, subject, text };
    return await postWebhook({
      url: row.target,
      secrets,
      id: row.eventId,
      body: JSON.stringify({ ...ruled.event, message }),
      now: Date.now(),
      msMax: limits.webhookMsMax,
      retryAfterMsMax: limits.retryAfterMsMax,
      signal,
    });
  };
}

export interface MailDeps {
  readonly server: MailServer;
  /** Of the sender's address: part of each Message-ID. */
  readonly domain: string;
  readonly limits: NotificationLimits;
}

export function toShop(address: string, deps: MailDeps): Deliver {
  return async (row, signal) => {
    const ruled = ruledEventOf(row);
    if (ruled === null) return unreadable;
    return await mail(row, ruled, { name: '', address }, undefined, deps, signal);
  };
}

export interface CustomerMailDeps extends MailDeps {
  readonly contacts: Contacts;
  readonly store: Pick<NotificationStore, 'readPreferences'>;
}

export function toCustomer(deps: CustomerMailDeps): Deliver {
  return async (row, signal) => {
    const ruled = ruledEventOf(row);
    if (ruled === null || ruled.rule.audience !== 'customer' || row.orderId === null) return unreadable;
    const found = await contactOf(row.orderId, deps.contacts);
    if ('is' in found) return found;
    const preferences = preferencesOf(await deps.store.readPreferences(found.contact.customerId));
    if (!wants(preferences, 'mail', ruled.rule.kind)) return skipped('the customer does not want it');
    const { name, email } = found.contact;
    if (!isAddress(email)) return skipped('no address is known');
    return await mail(row, ruled, { name, address: email }, found.known, deps, signal);
  };
}

type Found = { readonly contact: Contact; readonly known: Known } | Outcome;

async function contactOf(orderId: string, contacts: Contacts): Promise<Found> {
  try {
    const found = await contacts.ofOrder(orderId);
    if (found === null) return skipped('there is no such order');
    const { customer, order } = found;
    if (customer === 'guest') return skipped('the order is that of a guest');
    if (customer === 'erased') return skipped('the customer was erased');
    return { contact: customer, known: { name: customer.name, order } };
  } catch (thrown) {
    if (!(thrown instanceof ContactsAway)) throw thrown;
    return { is: 'later', reason: 'Logistics does not answer', afterMs: null, isTargetAway: true };
  }
}

async function mail(
  row: WaitingRow,
  { event, rule }: RuledEvent,
  to: { readonly name: string; readonly address: string },
  known: Known | undefined,
  { server, domain, limits }: MailDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  return await server.send({
    messageId: messageIdOf(row, domain),
    to,
    message: render(rule.template, event, known),
    signal: AbortSignal.any([signal, AbortSignal.timeout(limits.mailMsMax)]),
  });
}

/** A hash, since an event's id may have characters that a Message-ID may not. */
function messageIdOf({ eventId, target }: WaitingRow, domain: string): string {
  const hash = createHash('sha256').update(`${target} ${eventId}`).digest('hex').slice(0, 32);
  return `<${hash}@${domain}>`;
}

interface RuledEvent {
  readonly event: PublishedEvent;
  readonly rule: Rule;
}

/** Null where another version wrote it, and this one cannot make a message of it. */
function ruledEventOf({ event: text }: WaitingRow): RuledEvent | null {
  const event: unknown = JSON.parse(text);
  const rule = isPublishedEvent(event) ? ruleOf(event) : null;
  return isPublishedEvent(event) && rule !== null ? { event, rule } : null;
}

function skipped(reason: string): Outcome {
  return { is: 'skipped', reason };
}
