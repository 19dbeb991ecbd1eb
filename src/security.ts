/** Keys, users and the door: what of the server is about who may do what. A part of `server.ts`. */
import { type Policy, parsePolicy } from './access/index.ts';
import {
  type Access,
  type AccessOf,
  type CallContext,
  type ClientPrincipals,
  Guard,
  type GuardOptions,
  principalOf,
  type RefusedAccess,
  type ServedService,
  tlsFacts,
} from './aws/index.ts';
import { DataKeys, type KeyUse, openVault, type Partition, type Vault } from './runtime/index.ts';
import type { PosthornOptions } from './server.ts';
import { createIam, type RootKey, type RunningIam } from './services/iam/index.ts';
import { createKms, type RunningKms } from './services/kms/index.ts';
import { createSts, encodeAuthorizationMessage, type RunningSts } from './services/sts/index.ts';

export interface Security {
  readonly services: readonly ServedService[];
  readonly vault: Vault;
  readonly kms: RunningKms;
  /** What encrypts messages at rest. */
  readonly dataKeys: DataKeys;
  readonly iam: RunningIam;
  /** Absent where whoever reaches the port may do everything. */
  readonly guard: Guard | undefined;
  /** The root's access key, if it was made by this very start: nobody will see its secret again. */
  readonly rootKey: RootKey | undefined;
  /** The same of the other accounts. */
  readonly otherRootKeys: readonly RootKey[];
  /** Before the partition is closed. */
  close(): Promise<void>;
}

interface Surroundings {
  readonly partition: Partition;
  readonly defaultAccountId: string;
  readonly report: (error: Error) => void;
  /** Told of each use of a key by another service. */
  readonly keyUsed?: ((use: KeyUse) => void) | undefined;
}

export function isEnforced({ auth = 'off' }: Pick<PosthornOptions, 'auth'>): boolean {
  return auth === 'enforce';
}

export async function openSecurity(
  options: PosthornOptions,
  { partition, defaultAccountId, report, keyUsed }: Surroundings,
): Promise<Security> {
  const { memory = false, dataDir = './posthorn-data', masterKey, masterKeyFile } = options;
  const vault = await openVault(partition.entities, {
    ...(masterKey !== undefined && { masterKey }),
    ...(masterKeyFile !== undefined && { masterKeyFile }),
    ...(!memory && { dataDir }),
  });
  const kms = createKms(partition, vault, { report, ...(keyUsed !== undefined && { keyUsed }) });
  const dataKeys = new DataKeys(partition, { vault, keyRing: kms.keys, report });
  dataKeys.start();
  const iam = createIam(partition, vault, { report });
  const now = () => partition.now();
  const issuers = options.webIdentityIssuers ?? [];
  const sts = createSts({ principals: iam, sealer: vault, now, isEnforced: isEnforced(options), issuers });
  const services = [
    { ...sts.service, accessOf: stsAccess(sts) },
    { ...iam.service, accessOf: iamAccess(iam) },
    { ...kms.service, accessOf: kmsAccess(kms) },
  ];
  const close = async () => {
    await dataKeys.close();
    await kms.close();
  };
  const parts = { services, vault, kms, dataKeys, iam, close };
  if (!isEnforced(options)) return { ...parts, guard: undefined, rootKey: undefined, otherRootKeys: [] };
  const { rootAccessKeyId: accessKeyId, rootSecretAccessKey: secretAccessKey, authDebug: debug = false } = options;
  const isGiven = accessKeyId !== undefined && secretAccessKey !== undefined;
  const made = await iam.ensureRootKey(defaultAccountId, isGiven ? { accessKeyId, secretAccessKey } : undefined);
  const encodeRefusal = ({ caller, access, decision }: RefusedAccess) =>
    encodeAuthorizationMessage(vault, caller.principal, access, decision);
  const clientIdentity = clientIdentities(iam, options.tlsClientPrincipals ?? {});
  const guard = new Guard({ holders: iam, now, debug, clientIdentity, ...(debug && { encodeRefusal }) });
  const others = (options.accounts ?? []).filter((each) => each !== defaultAccountId);
  const otherRootKeys = await Promise.all(others.map((each) => iam.ensureRootKey(each)));
  return {
    ...{ ...parts, guard, rootKey: isGiven ? undefined : made },
    otherRootKeys: otherRootKeys.filter((each) => each !== undefined),
  };
}

/** Of who shows a certificate, and does not sign. */
function clientIdentities(iam: RunningIam, principals: ClientPrincipals): Required<GuardOptions>['clientIdentity'] {
  return (socket) => {
    const certificate = tlsFacts(socket)?.certificate;
    const arn = certificate && principalOf(certificate, principals);
    return arn === undefined ? undefined : iam.identityOf(arn, 'certificate');
  };
}

function stsAccess(sts: RunningSts): AccessOf {
  return (operation, input, context) => {
    const access = sts.accessOf(operation, input, context);
    return access === undefined ? [] : [access];
  };
}

function iamAccess(iam: ReturnType<typeof createIam>): AccessOf {
  return (operation, input, context) => {
    const access = iam.accessOf(operation, input, context);
    return access instanceof Promise ? access.then((each) => [each]) : [access];
  };
}

function kmsAccess(kms: RunningKms): AccessOf {
  return async (operation: string, input: never, context: CallContext): Promise<readonly Access[]> =>
    (await kms.accessOf(operation, input, context)).map(({ policy, ...access }) => ({
      ...access,
      ...(policy !== undefined && { policy: keyPolicy(policy), rule: 'key' as const }),
    }));
}

function keyPolicy(text: string): Policy {
  return parsePolicy(text, 'key');
}
