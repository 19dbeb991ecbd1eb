/** What waits in an internal queue until it has been delivered, and what a delivery comes to. */

export interface Delivery {
  readonly kind: 'notification' | 'confirmation' | 'unsubscribe-confirmation';
  /** Empty for what was published directly to a phone number or an endpoint. */
  readonly topicArn: string;
  readonly subscriptionArn: string;
  /** As of the publish, like `endpoint`. */
  readonly protocol: string;
  readonly endpoint: string;
  readonly messageId: string;
  readonly publishedAt: number;
  readonly subject?: string;
  /** Already chosen by MessageStructure. */
  readonly message: string;
  /** Message attributes as envelopes show them. */
  readonly attributes: Record<string, { Type: string; Value: string }>;
  readonly sequenceNumber?: string;
  readonly groupId?: string;
  readonly raw: boolean;
  /** Where its publisher found this server; its links begin so. */
  readonly publicUrl?: string;
  readonly token?: string;
}

export type Outcome =
  | {
      readonly kind: 'delivered';
      readonly statusCode?: number;
      readonly providerResponse?: string;
      readonly dwellTimeMs?: number;
    }
  | {
      readonly kind: 'failed';
      readonly permanent: boolean;
      readonly statusCode?: number;
      readonly reason: string;
      /** The push service says that the token is dead. */
      readonly disableEndpoint?: true;
    };

/** One attempt. Never throws for what the other end does; bounded in time and memory. */
export type Sender = (delivery: Delivery, context: SendContext) => Promise<Outcome>;

export interface SendContext {
  /** The signed JSON envelope of this delivery. */
  readonly envelope: () => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly signal: AbortSignal;
  readonly publicUrl: string;
  /** Of a delivery to an endpoint of a platform application; absent if one of the two is no longer there. */
  readonly platform?: PushTarget;
  /** The account's SetSMSAttributes, of a delivery by SMS. */
  readonly smsAttributes?: Readonly<Record<string, string>>;
}

/** What a push needs to know of the platform application and the endpoint, as of the attempt. */
export interface PushTarget {
  /** `GCM`, `APNS`, `APNS_SANDBOX`, `ADM` ...: the platform in the ARN. */
  readonly name: string;
  /** Of the platform application: PlatformCredential, PlatformPrincipal, ApplePlatformTeamID ... */
  readonly attributes: Readonly<Record<string, string>>;
  /** By which the push service knows the device. */
  readonly token: string;
}
