/**
 * The contract: what a generated module says about one AWS service, and the few types that every operation is written
 * against. Protocols, validation and services are generic over it, so an operation is one file and never repeats
 * what the model already says.
 */

/** One service's model, as `npm run generate` writes it into `aws/generated/`. Plain data, no documentation text. */
export interface ServiceContract {
  /** The name in a credential scope and in endpoints: `sqs`. */
  readonly service: string;
  /** `2012-11-05`; the Query protocol's `Version`. */
  readonly apiVersion: string;
  /** `AmazonSQS`: what precedes the dot in `x-amz-target`; absent for services without a JSON protocol. */
  readonly targetPrefix?: string;
  /** `com.amazonaws.sqs`: what precedes `#` in the `__type` of a JSON error. */
  readonly shapeNamespace: string;
  readonly jsonVersion?: '1.0' | '1.1';
  /** In the model's order of preference. */
  readonly protocols: readonly ('json' | 'query' | 'rest-json' | 'smithy-rpc-v2-cbor')[];
  /** JSON answers name the old Query code in `x-amzn-query-error`. */
  readonly queryCompatible: boolean;
  /** The namespace of Query answers. */
  readonly xmlNamespace: string;
  readonly operations: Readonly<Record<string, OperationContract>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface OperationContract {
  readonly http: readonly [method: string, uri: string, statusCode?: number];
  readonly input?: string;
  readonly output?: string;
  /** The element that wraps a Query answer: `GetCallerIdentityResult`. */
  readonly resultWrapper?: string;
  readonly errors: readonly string[];
  readonly paginator?: Paginator;
}

export interface Paginator {
  readonly inputToken: string | readonly string[];
  readonly outputToken: string | readonly string[];
  readonly limitKey?: string;
  readonly resultKey?: string | readonly string[];
}

export type Shape = StructureShape | ListShape | MapShape | StringShape | NumberShape | PlainShape;

export interface StructureShape {
  readonly type: 'structure';
  readonly required?: readonly string[];
  readonly members: Readonly<Record<string, Member>>;
  readonly union?: true;
  /** Present on errors. What the model does not say is absent; a service's `errors.ts` says the rest. */
  readonly error?: { readonly code?: string; readonly httpStatus?: number; readonly senderFault?: boolean };
  readonly payload?: string;
}

/** A reference to a shape from a structure, with what the reference adds. */
export interface Member {
  readonly shape: string;
  /** The name on the wire where it differs from the member's. */
  readonly locationName?: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly flattened?: true;
  readonly idempotencyToken?: true;
  readonly timestampFormat?: TimestampFormat;
}

export interface ListShape {
  readonly type: 'list';
  readonly member: Member;
  readonly flattened?: true;
  readonly min?: number;
  readonly max?: number;
}

export interface MapShape {
  readonly type: 'map';
  readonly key: Member;
  readonly value: Member;
  readonly flattened?: true;
  readonly min?: number;
  readonly max?: number;
}

export interface StringShape {
  readonly type: 'string';
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}

export interface NumberShape {
  readonly type: 'integer' | 'long' | 'float' | 'double';
  readonly min?: number;
  readonly max?: number;
}

export interface PlainShape {
  readonly type: 'boolean' | 'blob' | 'timestamp';
  readonly min?: number;
  readonly max?: number;
  readonly timestampFormat?: TimestampFormat;
}

export type TimestampFormat = 'iso8601' | 'unixTimestamp' | 'rfc822';

/** What every operation knows of the call besides its input. Plain data, but for `client`. */
export interface CallContext {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  readonly requestId: string;
  /** The access key id that the caller used, or the empty string. Until signatures are enforced it proves nothing. */
  readonly accessKeyId: string;
  /** `http://host:port` as the client reached us, or the configured public URL; no slash at the end. */
  readonly endpoint: string;
  readonly client: ClientConnection;
}

/** The connection that waits for the answer. Not an AbortSignal: only a long poll listens, and every call pays. */
export interface ClientConnection {
  /** The client is known to have left; nothing written now reaches it. */
  readonly gone: boolean;
  /** Calls `listener` once, when the client leaves before it was answered. */
  onGone(listener: () => void): void;
}

/** An operation takes a decoded, validated input and returns an output; it throws `AwsError` to refuse. */
export type Operation<Services, Input, Output> = (
  services: Services,
  input: Input,
  context: CallContext,
) => Promise<Output>;

/**
 * A refusal, as AWS words it. `code` is the shape's name in the model where it has one (`QueueDoesNotExist`), else the
 * bare code (`InvalidParameterValue`). Only the protocols turn it into bytes.
 */
export class AwsError extends Error {
  readonly code: string;
  /** The code that the Query protocol shows; the same unless the service says otherwise. */
  readonly queryCode: string;
  readonly httpStatus: number;
  readonly senderFault: boolean;
  /** Overrides the service's namespace in `__type`, for the errors of AWS's front end (`com.amazon.coral.service`). */
  readonly shapeNamespace: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { queryCode?: string; httpStatus?: number; senderFault?: boolean; shapeNamespace?: string } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.queryCode = options.queryCode ?? code;
    this.httpStatus = options.httpStatus ?? 400;
    this.senderFault = options.senderFault ?? this.httpStatus < 500;
    this.shapeNamespace = options.shapeNamespace;
  }
}
