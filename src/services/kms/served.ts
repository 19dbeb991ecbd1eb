import { kms as contract, type KmsOperations } from '#aws/generated/kms';

/** Answered UnsupportedOperation by the edge: custom key stores, imported material, replicas. */
const notServed = [
  'ConnectCustomKeyStore',
  'CreateCustomKeyStore',
  'DeleteCustomKeyStore',
  'DeleteImportedKeyMaterial',
  'DeriveSharedSecret',
  'DescribeCustomKeyStores',
  'DisconnectCustomKeyStore',
  'GetKeyLastUsage',
  'GetParametersForImport',
  'ImportKeyMaterial',
  'ReplicateKey',
  'UpdateCustomKeyStore',
  'UpdatePrimaryRegion',
] as const satisfies readonly (keyof KmsOperations)[];

export type ServedName = Exclude<keyof KmsOperations, (typeof notServed)[number]>;

const unknown: ReadonlySet<string> = new Set(notServed);

export const servedNames = Object.keys(contract.operations).filter((name) => !unknown.has(name)) as ServedName[];
