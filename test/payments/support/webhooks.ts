// Sends webhooks as a gateway does: signed, and again until they are taken.
import { setTimeout as pause } from 'node:timers/promises';
import type { PaymentNotice } from '../../../src/payments/gateway.ts';
import { encodeNotice } from '../../../src/payments/notice.ts';
import { signatureHeader, signWebhook } from '../../../src/payments/webhook.ts';

const triesMax = 200;
const pauseMs = 200;
const tryMs = 5_000;

export interface Delivery {
  readonly notice: PaymentNotice;
  /** Of each try: the answer's status, 0 where there was none. */
  readonly statuses: readonly number[];
}

export class WebhookSender {
  readonly deliveries: { readonly notice: PaymentNotice; readonly statuses: number[] }[] = [];
  /** What was told before anyone was to be told. */
  readonly #unsent: PaymentNotice[] = [];
  readonly #secret: string;
  readonly #closing = new AbortController();
  #url = '';

  constructor(secret: string) {
    this.#secret = secret;
  }

  sendTo(url: string): void {
    this.#url = url;
    for (const notice of this.#unsent.splice(0)) this.send(notice);
  }

  send(notice: PaymentNotice): void {
    if (this.#url === '') this.#unsent.push(notice);
    else void this.#deliver(notice);
  }

  close(): void {
    this.#closing.abort();
  }

  async #deliver(notice: PaymentNotice): Promise<void> {
    const statuses: number[] = [];
    this.deliveries.push({ notice, statuses });
    const { signal } = this.#closing;
    while (statuses.length < triesMax && !signal.aborted) {
      const status = await this.#post(encodeNotice(notice));
      statuses.push(status);
      if (status >= 200 && status < 300) return;
      await pause(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #post(body: string): Promise<number> {
    const header = signWebhook({ secret: this.#secret, body, now: Date.now() });
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [signatureHeader]: header },
        body,
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(tryMs)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return 0;
    }
  }
}
