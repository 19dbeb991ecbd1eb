/**
 * The contract: what a generated module says about one AWS service, and the few types that every operation is written
 * against. Protocols, validation and services are generic over it, so an operation is one file and never repeats
 * what the model already says.
 */
import type { Identity, Policy, RequestContext, ResourceRule } from '#access';

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
  /**
   * How a bad input is refused. Absent: the model's constraints are all checked, and reported together in a
   * ValidationException. `parameter`, for SQS: only missing members of the top level are refused at the edge, in SQS's
   * words; it checks the rest itself, and batch entries one by one.
   */
  readonly inputErrors?: 'parameter';
  /** Query errors hold an empty `<Detail/>`: SQS's do, SNS's and STS's do not. */
  readonly queryErrorDetail?: true;
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
  readonly eventStream?: true;
  readonly event?: true;
}

/** A reference to a shape from a structure, with what the reference adds. */
export interface Member {
  readonly shape: string;
  /** The name on the wire, in XML, in Query parameters and in REST, where it differs from the member's. AWS JSON ignores it. */
  readonly locationName?: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly flattened?: true;
  readonly idempotencyToken?: true;
  readonly eventPayload?: true;
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
  readonly streaming?: true;
}

export type TimestampFormat = 'iso8601' | 'unixTimestamp' | 'rfc822';

/** What every operation knows of the call besides its input. Plain data, but for `client`. */
export interface CallContext {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  readonly requestId: string;
  /** The access key id that the caller used, or the empty string. Unless signatures are enforced it proves nothing. */
  readonly accessKeyId: string;
  /** Who calls; absent unless signatures are enforced. */
  readonly caller?: Identity;
  /** The keys of the request itself, like `aws:SourceIp`; absent unless signatures are enforced. */
  readonly conditions?: RequestContext;
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
  /** What the Query protocol says; the message unless the service says otherwise. */
  readonly queryMessage: string;
  readonly httpStatus: number;
  readonly senderFault: boolean;
  /** Overrides the service's namespace in `__type`, for the errors of AWS's front end (`com.amazon.coral.service`). */
  readonly shapeNamespace: string | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      queryCode?: string;
      queryMessage?: string;
      httpStatus?: number;
      senderFault?: boolean;
      shapeNamespace?: string;
    } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.queryCode = options.queryCode ?? code;
    this.queryMessage = options.queryMessage ?? message;
    this.httpStatus = options.httpStatus ?? 400;
    this.senderFault = options.senderFault ?? this.httpStatus < 500;
    this.shapeNamespace = options.shapeNamespace;
  }
}

/** The namespace of the refusals that AWS's own front end words, before or beside a service's model. */
export const frontEndNamespace = 'com.amazon.coral.service';

/** SQS's refusal of an absent parameter; `name` is the one of the Query protocol for what is nested (`Tag.1.Key`). */
export function missingParameter(name: string): AwsError {
  return new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${name}.`, {
    queryCode: 'MissingParameter',
    shapeNamespace: frontEndNamespace,
  });
}

/** SQS's refusal of a value out of its range. */
export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, {
    queryCode: 'InvalidParameterValue',
    shapeNamespace: frontEndNamespace,
  });
}

/** An error of the model, with the code, the status and the fault that the model gives it. */
export function modeledError(contract: ServiceContract, shapeName: string, message: string): AwsError {
  const shape = contract.shapes[shapeName];
  if (shape?.type !== 'structure' || shape.error === undefined) {
    throw new Error(`${contract.service} has no error of the name ${shapeName}`);
  }
  const { code, httpStatus, senderFault } = shape.error;
  return new AwsError(shapeName, message, {
    ...(code !== undefined && { queryCode: code }),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(senderFault !== undefined && { senderFault }),
  });
}

/** What a service implements of the operations that its generated map (`SqsOperations`) names. */
export type Implementations<Operations extends object> = {
  readonly [Name in keyof Operations]?: Operations[Name] extends { input: infer Input; output: infer Output }
    ? (input: Input, context: CallContext) => Promise<Output> | Output
    : never;
};

/** One thing that a call has to be allowed; it may need several. */
export interface Access {
  /** `sqs:SendMessage` */
  readonly action: string;
  /** An ARN, or `*` for what has no resource. */
  readonly resource: string;
  readonly resourceAccountId: string;
  /** Keys that only this service knows, `sns:Endpoint`. */
  readonly context: RequestContext;
  /** The resource's own policy; without it the caller's policies speak alone. */
  readonly policy?: Policy;
  /** How the two are joined; `resource` unless given. */
  readonly rule?: ResourceRule;
  readonly neverCrossAccount?: boolean;
  /** A grant allows it, so that only an explicit deny refuses it. */
  readonly isGranted?: boolean;
}

/** What a call needs. Empty: nothing, it is open to everybody, or it decides itself. */
export type AccessOf = (
  operation: string,
  input: never,
  context: CallContext,
) => readonly Access[] | Promise<readonly Access[]>;

/** A service as the listener serves it. */
export interface ServedService {
  readonly contract: ServiceContract;
  /** By operation; `never` lets each take its own input, which the codecs made by the contract. */
  readonly operations: { readonly [operation: string]: ((input: never, context: CallContext) => unknown) | undefined };
  /** Asked before each call when signatures are enforced. */
  readonly accessOf?: AccessOf;
  /** Query parameters that the path stands for: `/<account>/<queue>` is the queue's URL. */
  readonly pathDefaults?: (path: string, endpoint: string) => Readonly<Record<string, string>> | undefined;
}

/** A call that was answered or refused, as the audit sees it. Plain data. */
export interface AuditedCall {
  readonly contract: ServiceContract;
  readonly operation: string;
  readonly requestId: string;
  /** What the request claims; empty where it claims nothing. */
  readonly accessKeyId: string;
  readonly region: string;
  /** Absent if the call was refused before it was known who calls. */
  readonly context?: CallContext;
  /** Absent if the call was refused before it was decoded. */
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: AwsError;
  readonly source: CallSource;
}

/** Where a call came from. */
export interface CallSource {
  readonly address: string;
  readonly userAgent?: string;
  /** The Host header. */
  readonly host?: string;
  readonly tls?: { readonly version: string; readonly cipher: string };
}

export interface CallAudit {
  /** Asked first, so that calls that nobody records cost next to nothing. */
  wants(service: string, operation: string, error: AwsError | undefined): boolean;
  /** Told once of each call that it wants. Never throws. */
  onCall(call: AuditedCall): void;
}
