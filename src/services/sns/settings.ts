import { isHostOrNetwork } from '#std/hostOrNetwork';

/** Where deliveries that leave this server go. What has no address here is kept in the outbox instead. */
export interface SnsSettings {
  /** The relay for e-mails: `smtp://user:password@host:587`, or `smtps:` for TLS from the first byte. */
  readonly smtpUrl?: string;
  /** The sender of e-mails: `News <news@example.com>`. */
  readonly emailFrom?: string;
  /** What SMS are posted to, as JSON; a name and a password in it are sent as Basic authentication. */
  readonly smsGatewayUrl?: string;
  /** Firebase Cloud Messaging: `https://fcm.googleapis.com`. */
  readonly fcmUrl?: string;
  /** Apple's push service: `https://api.push.apple.com`. */
  readonly apnsUrl?: string;
  /** The same for sandbox applications: `https://api.sandbox.push.apple.com`. */
  readonly apnsSandboxUrl?: string;
  /** Amazon Device Messaging: `https://api.amazon.com`. */
  readonly admUrl?: string;
  /** SMS go to verified numbers only, as in an AWS account that is new. */
  readonly smsSandbox?: boolean;
  /** Deliveries reach the public internet only: neither this machine nor its network. */
  readonly production?: boolean;
  /** A topic takes as many filter policies as in AWS, and no more. */
  readonly enforceQuotas?: boolean;
  /** Hosts, addresses and networks (`10.1.0.0/16`) that deliveries reach in production all the same. */
  readonly allowedHosts?: readonly string[];
}

const schemes = {
  smtpUrl: ['smtp:', 'smtps:'],
  smsGatewayUrl: ['http:', 'https:'],
  fcmUrl: ['http:', 'https:'],
  apnsUrl: ['http:', 'https:'],
  apnsSandboxUrl: ['http:', 'https:'],
  admUrl: ['http:', 'https:'],
} as const satisfies { readonly [Name in keyof SnsSettings]?: readonly string[] };

/** A slip of the pen would otherwise be found by the first delivery, or by nobody. */
export function checkSettings(settings: SnsSettings): void {
  for (const [name, allowed] of Object.entries(schemes)) {
    const value = settings[name as keyof typeof schemes];
    const isUrl =
      value === undefined || (URL.canParse(value) && allowed.some((each) => each === new URL(value).protocol));
    if (!isUrl) throw refusal(`${name} must be a URL that begins with ${allowed.join('// or ')}//.`);
  }
  const wrong = settings.allowedHosts?.find((entry) => !isHostOrNetwork(entry));
  if (wrong !== undefined) {
    throw refusal(`allowedHosts has "${wrong}", which is no host, no address and no network such as 10.1.0.0/16.`);
  }
}

function refusal(text: string): Error {
  return Object.assign(new Error(text), { exitCode: 2 });
}
