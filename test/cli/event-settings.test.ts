// The settings of events, notifications and Redis: a bad value stops the start with a line that names it, and repeats no
// password.
import { describe, expect, it } from 'vitest';
import { readSettings, SettingError } from '../../src/service/settings.ts';

const secret = 'a secret of more than 16';

function problemOf(environment: Readonly<Record<string, string>>): string {
  try {
    readSettings(environment);
    return '';
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return error.message;
  }
}

describe('what the thread of events is given', () => {
  it.each([
    [{ AMQP_URL: 'http://user:hunter2@host' }, 'AMQP_URL must be a URL such as amqp://'],
    [{ AMQP_URL: 'nonsense' }, 'AMQP_URL must be a URL'],
    [{ REDIS_URL: 'amqp://x:hunter2@y' }, 'REDIS_URL must be a URL such as redis://'],
    [{ SMTP_URL: 'mail.example.com' }, 'SMTP_URL must be a URL such as smtps://'],
    [{ JOURNAL_QUOTA_MB: '0' }, 'JOURNAL_QUOTA_MB must be a whole number'],
    [{ MAIL_FROM: 'nobody' }, 'MAIL_FROM must be a mail address'],
    [{ SHOP_MAIL: 'a@b@c' }, 'SHOP_MAIL must be a mail address'],
    [{ SHOP_MAIL: 'buyer@shop.example' }, 'SMTP_URL is needed where SHOP_MAIL is set'],
    [
      { NOTIFICATION_WEBHOOK_URLS: 'https://a.example,' },
      'NOTIFICATION_WEBHOOK_URLS must be URLs such as https://hooks.example.com/synkro, with commas',
    ],
    [{ ROLE: 'notifications' }, 'AMQP_URL is needed in role notifications'],
    [{ ROLE: 'notifications', AMQP_URL: 'amqp://h' }, 'LOGISTICS_GRPC_URL is needed in role notifications'],
    [{ NOTIFICATION_WEBHOOK_URLS: 'https://a.example/x' }, 'NOTIFICATION_WEBHOOK_SECRETS is needed'],
    [
      { NOTIFICATION_WEBHOOK_URLS: 'https://me:hunter2@a.example', NOTIFICATION_WEBHOOK_SECRETS: secret },
      'NOTIFICATION_WEBHOOK_URLS must have no user or password',
    ],
    [
      { NOTIFICATION_WEBHOOK_SECRETS: 'whsec_c2hvcnQgc2hvcnQ=' },
      'NOTIFICATION_WEBHOOK_SECRETS cannot be used',
    ],
    [
      { INVENTORY_DATABASE_URL: 'postgres://h/a', NOTIFICATIONS_DATABASE_URL: 'postgres://h/a' },
      'NOTIFICATIONS_DATABASE_URL is also INVENTORY_DATABASE_URL',
    ],
  ])('%o cannot be: %s', (environment, message) => {
    const problem = problemOf(environment);
    expect(problem).toContain(message);
    expect(problem).not.toContain('hunter2');
  });

  it('is what was set', () => {
    const environment = {
      ROLE: 'notifications',
      AMQP_URL: 'amqps://user:password@broker:5671/vhost',
      LOGISTICS_GRPC_URL: 'logistics:50051',
      NOTIFICATION_WEBHOOK_URLS: 'https://a.example/x, https://b.example/y',
      NOTIFICATION_WEBHOOK_SECRETS: `${secret},another ${secret}`,
      MAIL_FROM: 'Shop <shop@example.org>',
    };
    expect(readSettings(environment)).toMatchObject({
      amqpUrl: environment.AMQP_URL,
      notificationWebhookUrls: ['https://a.example/x', 'https://b.example/y'],
      notificationWebhookSecrets: [secret, `another ${secret}`],
      mailFrom: environment.MAIL_FROM,
    });
  });
});
