/** What a new grant may say. */
import type { CreateGrantRequest } from '#aws/generated/kms';
import type { EncryptionContext } from './encryptionContext.ts';
import { invalidArn, validation } from './errors.ts';
import { takesContext } from './grants.ts';
import type { KeyUsage } from './keySpecs.ts';
import type { GrantConstraintRecord, GrantRecord, KeyRecord } from './records.ts';

/** Of any key. */
const general = ['CreateGrant', 'RetireGrant', 'DescribeKey'];

const cryptographic: Readonly<Record<KeyUsage, readonly string[]>> = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'],
  SIGN_VERIFY: ['Sign', 'Verify'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
};

const ofSymmetric = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];

const principalPattern =
  /^(?:arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/.+)|[a-z0-9.-]+\.amazonaws\.com)$/;

type NewGrant = Omit<GrantRecord, 'key' | 'grantId' | 'createdAt' | 'issuingAccount'>;

export function readNewGrant(input: CreateGrantRequest, key: KeyRecord): NewGrant {
  const { GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal } = input;
  if ((GranteePrincipal === undefined) === (GranteeServicePrincipal === undefined)) {
    throw validation('You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.');
  }
  if (RetiringPrincipal !== undefined && RetiringServicePrincipal !== undefined) {
    throw validation('You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.');
  }
  for (const principal of [GranteePrincipal, RetiringPrincipal]) {
    if (principal !== undefined && !principalPattern.test(principal)) {
      throw invalidArn(`ARN does not refer to a valid principal: ${principal}`);
    }
  }
  const constraints = readConstraints(input);
  checkServiceGrant(input);
  const operations = readOperations(input.Operations, key, constraints);
  return {
    name: input.Name ?? '',
    operations,
    ...(GranteePrincipal !== undefined && { granteePrincipal: GranteePrincipal }),
    ...(GranteeServicePrincipal !== undefined && { granteeServicePrincipal: GranteeServicePrincipal }),
    ...(RetiringPrincipal !== undefined && { retiringPrincipal: RetiringPrincipal }),
    ...(RetiringServicePrincipal !== undefined && { retiringServicePrincipal: RetiringServicePrincipal }),
    ...(constraints !== undefined && { constraints }),
  };
}

/** A service gets a grant on behalf of a resource, and somebody has to be able to end it. */
function checkServiceGrant(input: CreateGrantRequest): void {
  if (input.GranteeServicePrincipal === undefined) return;
  const hasRetiring = input.RetiringPrincipal !== undefined || input.RetiringServicePrincipal !== undefined;
  if (input.Constraints?.SourceArn !== undefined && hasRetiring) return;
  throw validation('A grant to a service principal needs a SourceArn constraint and a retiring principal.');
}

/** An empty context constrains nothing: Terraform sends one beside the one that it means. */
function readConstraints({ Constraints = {} }: CreateGrantRequest): GrantConstraintRecord | undefined {
  const { SourceArn: sourceArn } = Constraints;
  const subset = unlessEmpty(Constraints.EncryptionContextSubset);
  const equals = unlessEmpty(Constraints.EncryptionContextEquals);
  if (subset !== undefined && equals !== undefined) {
    throw validation('Only one of EncryptionContextSubset and EncryptionContextEquals can be specified.');
  }
  if (subset === undefined && equals === undefined && sourceArn === undefined) return undefined;
  return {
    ...(subset !== undefined && { encryptionContextSubset: subset }),
    ...(equals !== undefined && { encryptionContextEquals: equals }),
    ...(sourceArn !== undefined && { sourceArn }),
  };
}

function unlessEmpty(context: EncryptionContext | undefined): EncryptionContext | undefined {
  return context === undefined || Object.keys(context).length === 0 ? undefined : context;
}

function readOperations(
  given: readonly string[],
  { keySpec, keyUsage }: KeyRecord,
  constraints: GrantConstraintRecord | undefined,
): readonly string[] {
  if (given.length === 0) throw validation('You must specify at least one grant operation.');
  const isSymmetric = keySpec === 'SYMMETRIC_DEFAULT';
  const isPair = !isSymmetric && keyUsage !== 'GENERATE_VERIFY_MAC';
  const allowed = new Set([
    ...general,
    ...cryptographic[keyUsage],
    ...(isSymmetric ? ofSymmetric : []),
    ...(isPair ? ['GetPublicKey'] : []),
  ]);
  const odd = given.find((operation) => !allowed.has(operation));
  if (odd !== undefined) {
    throw validation(`Grant operation ${odd} is not supported by key spec ${keySpec} with key usage ${keyUsage}.`);
  }
  const { encryptionContextEquals, encryptionContextSubset } = constraints ?? {};
  const bindsContext = encryptionContextEquals !== undefined || encryptionContextSubset !== undefined;
  if (bindsContext && !(isSymmetric && given.some(takesContext))) {
    throw validation('Encryption context constraints need a symmetric key and an operation that takes a context.');
  }
  return [...new Set(given)];
}
