import type { Delivery, PushTarget, Sender } from '../delivery.ts';
import { composeAdm } from './adm.ts';
import { apnsHeaders, composeApns } from './apns.ts';
import { composeFcm } from './fcmMessage.ts';
import type { Outbox } from './outbox.ts';
import { permanently } from './outcome.ts';

export interface PushOptions {
  /** By the platform's kind; what is not there has no push service, and goes to the outbox. */
  readonly services: Readonly<Partial<Record<PushKind, Sender>>>;
  readonly outbox: Outbox;
  readonly now: () => number;
}

export type PushKind = 'fcm' | 'apns' | 'apnsSandbox' | 'adm';

/** Of the platform names that ARNs have; Baidu's and Microsoft's services are not among them. */
const kinds: Readonly<Record<string, PushKind>> = {
  GCM: 'fcm',
  FCM: 'fcm',
  APNS: 'apns',
  APNS_SANDBOX: 'apnsSandbox',
  APNS_VOIP: 'apns',
  APNS_VOIP_SANDBOX: 'apnsSandbox',
  MACOS: 'apns',
  MACOS_SANDBOX: 'apnsSandbox',
  ADM: 'adm',
};

/** The sender of `application`: mobile pushes. */
export function createPushSender({ services, outbox, now }: PushOptions): Sender {
  return async (delivery, context) => {
    const { platform } = context;
    if (platform === undefined) return permanently('The endpoint or its platform application is gone.');
    const pushKind = Object.hasOwn(kinds, platform.name) ? kinds[platform.name] : undefined;
    const service = pushKind && services[pushKind];
    if (service !== undefined) return service(delivery, context);
    const { kind, messageId, topicArn, subscriptionArn } = delivery;
    const { name: protocol, token: to } = platform;
    const { payload, headers } = compose(pushKind, delivery, platform, now());
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    await outbox.keep({
      ...{ protocol, kind, to, messageId, topicArn, subscriptionArn, text },
      details: { endpointArn: delivery.endpoint, ...headers },
    });
    return { kind: 'delivered', providerResponse: `Kept in the outbox: there is no push service for ${protocol}.` };
  };
}

/** As it would have been sent. */
function compose(kind: PushKind | undefined, delivery: Delivery, platform: PushTarget, now: number) {
  switch (kind) {
    case 'fcm':
      return { payload: composeFcm(delivery, platform.token), headers: {} };
    case 'adm':
      return { payload: composeAdm(delivery), headers: {} };
    case 'apns':
    case 'apnsSandbox': {
      const payload = composeApns(delivery.message);
      return { payload, headers: apnsHeaders(delivery, platform, payload, now) };
    }
    case undefined:
      return { payload: delivery.message, headers: {} };
    default:
      return kind satisfies never;
  }
}
