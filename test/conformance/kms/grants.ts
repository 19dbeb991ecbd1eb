import { CreateGrantCommand, type CreateGrantCommandInput, ListGrantsCommand } from '@aws-sdk/client-kms';
import { signerOf } from '../target.ts';
import { kms } from './target.ts';

export const root = `arn:aws:iam::${signerOf('kms').accessKeyId}:root`;
export const user = (name: string): string => root.replace('root', `user/${name}`);

export const invalidGrantId = { code: 'InvalidGrantIdException', message: 'The grant ID is not valid.' };

export async function newGrant(KeyId: string, more: Partial<CreateGrantCommandInput> = {}) {
  const { GrantId = '', GrantToken = '' } = await kms().send(
    new CreateGrantCommand({ KeyId, GranteePrincipal: root, Operations: ['Encrypt'], ...more }),
  );
  return { GrantId, GrantToken };
}

export async function grantIds(KeyId: string): Promise<(string | undefined)[]> {
  const { Grants = [] } = await kms().send(new ListGrantsCommand({ KeyId }));
  return Grants.map(({ GrantId }) => GrantId);
}
