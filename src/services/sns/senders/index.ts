/** The ways out of this server, by the protocol of a subscription. */
import type { Sender } from '../delivery.ts';
import { checkSettings, type SnsSettings } from '../settings.ts';
import { AccessTokens } from './accessTokens.ts';
import { createAddressGuard } from './addressGuard.ts';
import { createAdmSender } from './adm.ts';
import { createApnsSender } from './apns.ts';
import { ApnsSessions } from './apnsSessions.ts';
import { EmailSender } from './email.ts';
import { createFcmSender } from './fcm.ts';
import { createHttpSender } from './http.ts';
import { HttpClient } from './httpClient.ts';
import type { Outbox } from './outbox.ts';
import { forNow } from './outcome.ts';
import { createPushSender, type PushKind } from './push.ts';
import { createSmsSender } from './sms.ts';

export { Outbox } from './outbox.ts';

export interface SendersOptions {
  readonly settings: SnsSettings;
  readonly outbox: Outbox;
  /** Milliseconds since the epoch; by it tokens are signed and expire. */
  readonly now?: () => number;
  readonly timeoutMs?: number;
  /** Of the authority behind an APNs look-alike. */
  readonly ca?: string;
}

export interface Senders {
  /** Undefined for a protocol that nothing here speaks. */
  of(protocol: string): Sender | undefined;
  /** Ends all connections; what is under way fails. */
  close(): Promise<void>;
}

/** Throws at settings that can't be meant. */
export function createSenders({ settings, outbox, now = Date.now, timeoutMs, ca }: SendersOptions): Senders {
  checkSettings(settings);
  const { production = false, allowedHosts = [], smtpUrl, emailFrom: from, smsGatewayUrl: gatewayUrl } = settings;
  const guard = production ? createAddressGuard(allowedHosts) : undefined;
  // What the operator has named is reached wherever it is; what users name may have to be guarded.
  const client = new HttpClient({ timeoutMs });
  const guardedClient = new HttpClient({ guard, timeoutMs });
  const sessions = new ApnsSessions({ timeoutMs, ca });
  const email = new EmailSender({ smtpUrl, from, timeoutMs, outbox });
  const http = createHttpSender(guardedClient);
  const services = pushServices(settings, { client, guardedClient, sessions, tokens: new AccessTokens(now), now });
  const senders: Readonly<Record<string, Sender>> = {
    http,
    https: http,
    email: email.send,
    'email-json': email.send,
    sms: createSmsSender({ gatewayUrl, client, outbox }),
    application: createPushSender({ services, outbox, now }),
  };
  const safe = Object.fromEntries(Object.entries(senders).map(([protocol, send]) => [protocol, neverThrowing(send)]));
  return {
    of: (protocol) => (Object.hasOwn(safe, protocol) ? safe[protocol] : undefined),
    close: async () => {
      client.close();
      guardedClient.close();
      sessions.close();
      await email.close();
    },
  };
}

interface PushParts {
  readonly client: HttpClient;
  readonly guardedClient: HttpClient;
  readonly sessions: ApnsSessions;
  readonly tokens: AccessTokens;
  readonly now: () => number;
}

function pushServices({ fcmUrl, apnsUrl, apnsSandboxUrl, admUrl }: SnsSettings, parts: PushParts) {
  const services: Partial<Record<PushKind, Sender>> = {};
  if (fcmUrl !== undefined) services.fcm = createFcmSender({ ...parts, baseUrl: withoutSlash(fcmUrl) });
  if (apnsUrl !== undefined) services.apns = createApnsSender({ ...parts, origin: apnsUrl });
  if (apnsSandboxUrl !== undefined) services.apnsSandbox = createApnsSender({ ...parts, origin: apnsSandboxUrl });
  if (admUrl !== undefined) services.adm = createAdmSender({ ...parts, baseUrl: withoutSlash(admUrl) });
  return services;
}

/** A path follows. */
function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** The outbox throws when the store takes no writes; the delivery is then tried again like any other. */
function neverThrowing(send: Sender): Sender {
  return async (delivery, context) => {
    try {
      return await send(delivery, context);
    } catch (error) {
      return forNow((error as Error).message);
    }
  };
}
