/** Cases that many operations have in common: what they say to keys that they can't work with. */
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { it } from 'vitest';
import { signerOf } from '../target.ts';
import type { Input } from './jsonCall.ts';
import {
  absentKey,
  aliasArnOf,
  aliasesNotSupported,
  aliasNotFound,
  arnOf,
  doomedKey,
  isDisabled,
  isPendingDeletion,
  keyNotFound,
  kms,
  type MadeKey,
  newKey,
  notFound,
  refused,
} from './target.ts';

export type InputFor = (KeyId: string) => Input;

/** That there is no such key, however it is named. */
export function refusesAbsentKeys(operation: string, inputFor: InputFor): void {
  it('refuses keys that are not there [aws: describe key names a missing key]', async () => {
    await refused(operation, inputFor(absentKey), keyNotFound(arnOf(absentKey)));
    await refused(operation, inputFor(arnOf(absentKey)), keyNotFound(arnOf(absentKey)));
    await refused(operation, inputFor('fake-key-id'), notFound("Invalid keyId 'fake-key-id'"));
    await refused(operation, inputFor('mrk-1234'), notFound("Invalid keyId 'mrk-1234'"));
    await refused(operation, inputFor(arnOf('foo')), notFound('Invalid keyId foo'));
  });

  it('refuses ARNs of other regions [aws: get key in different region]', async () => {
    const elsewhere = arnOf(absentKey).replace(signerOf('kms').region, 'ap-southeast-2');
    await refused(operation, inputFor(elsewhere), notFound('Invalid arn ap-southeast-2'));
  });
}

/** For operations that take aliases. */
export function refusesAbsentAliases(operation: string, inputFor: InputFor): void {
  it('refuses aliases that are not there [aws: operations name a missing alias]', async () => {
    for (const name of ['alias/missing', aliasArnOf('alias/missing')]) {
      await refused(operation, inputFor(name), aliasNotFound('alias/missing'));
    }
  });
}

/** For operations that take none: nobody looks whether it exists. */
export function refusesAliases(operation: string, inputFor: InputFor): void {
  it('refuses aliases [aws: key only operations reject an alias before looking it up]', async () => {
    for (const name of ['alias/missing', aliasArnOf('alias/missing')]) {
      await refused(operation, inputFor(name), aliasesNotSupported);
    }
  });
}

export function refusesDoomedKeys(operation: string, inputFor: InputFor, make = doomedKey): void {
  it('refuses keys that are to be deleted [aws: key management rejects a key pending deletion]', async () => {
    const key = await make();
    await refused(operation, inputFor(key.KeyId), isPendingDeletion(key));
  });
}

export function refusesDisabledKeys(
  operation: string,
  inputFor: InputFor,
  make: () => Promise<MadeKey> = newKey,
): void {
  it('refuses disabled keys [aws: crypto operations reject a disabled key]', async () => {
    const key = await make();
    await kms().send(new DisableKeyCommand({ KeyId: key.KeyId }));
    await refused(operation, inputFor(key.KeyId), isDisabled(key));
  });
}
