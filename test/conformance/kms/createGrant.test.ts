import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  EncryptCommand,
  ListGrantsCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { curveKey, dryRun, kms, macKey, newKey, plaintext, refused } from './target.ts';

const root = `arn:aws:iam::${signerOf('kms').accessKeyId}:root`;
const GranteePrincipal = root;
const Operations = ['Encrypt', 'Decrypt'] as CreateGrantCommandInput['Operations'];

const create = (input: CreateGrantCommandInput) => kms().send(new CreateGrantCommand(input));

describe('CreateGrant', () => {
  it('makes a grant that is listed, and a token that can be used [model: CreateGrant]', async () => {
    const { KeyId, Arn } = await newKey();
    const Constraints = { EncryptionContextSubset: { a: 'b' } };
    const RetiringPrincipal = root;
    const made = await create({ KeyId, GranteePrincipal, RetiringPrincipal, Operations, Constraints, Name: 'mine' });
    expect(made.GrantId).toMatch(/^[0-9a-f]{64}$/);
    const { Grants } = await kms().send(new ListGrantsCommand({ KeyId }));
    expect(Grants).toEqual([
      {
        ...{ KeyId: Arn, GrantId: made.GrantId, Name: 'mine', CreationDate: expect.any(Date), Operations, Constraints },
        ...{ GranteePrincipal, RetiringPrincipal, IssuingAccount: root },
      },
    ]);
    const GrantTokens = [made.GrantToken ?? ''];
    const answer = await kms().send(new EncryptCommand({ KeyId, Plaintext: plaintext, GrantTokens }));
    expect(answer.KeyId).toBe(Arn);
  });

  it('makes another one each time, but one of each name and content [model: CreateGrantRequest.Name]', async () => {
    const { KeyId } = await newKey();
    const nameless = [
      await create({ KeyId, GranteePrincipal, Operations }),
      await create({ KeyId, GranteePrincipal, Operations }),
    ];
    expect(nameless[0]?.GrantId).not.toBe(nameless[1]?.GrantId);
    const named = { KeyId, GranteePrincipal, Operations, Name: 'n' };
    const [one, other] = [await create(named), await create(named)];
    expect(one.GrantId).toBe(other.GrantId);
    expect(one.GrantToken).not.toBe(other.GrantToken);
    const changed = await create({ ...named, Operations: ['Encrypt'] });
    expect(changed.GrantId).not.toBe(one.GrantId);
    expect((await kms().send(new ListGrantsCommand({ KeyId }))).Grants).toHaveLength(4);
  });

  it('takes an empty context for none [aws: what Terraform sends]', async () => {
    const { KeyId } = await newKey();
    const EncryptionContextEquals = { a: 'b' };
    const Constraints = { EncryptionContextEquals, EncryptionContextSubset: {} };
    const { GrantId } = await create({ KeyId, GranteePrincipal, Operations, Constraints });
    const { Grants } = await kms().send(new ListGrantsCommand({ KeyId, GrantId }));
    expect(Grants?.[0]?.Constraints).toEqual({ EncryptionContextEquals });
  });

  it('makes grants for keys of each kind [facts: Grant operations]', async () => {
    const [{ KeyId: mac }, { KeyId: curve }] = [await macKey(), await curveKey()];
    const ofMac = await create({
      KeyId: mac,
      GranteePrincipal,
      Operations: ['GenerateMac', 'VerifyMac', 'DescribeKey'],
    });
    const ofCurve = await create({ KeyId: curve, GranteePrincipal, Operations: ['Sign', 'Verify', 'GetPublicKey'] });
    expect(ofMac.GrantId).not.toBe(ofCurve.GrantId);
  });
});

describe('CreateGrant refuses', () => {
  it.each([
    ['operations that the key has not', { Operations: ['Sign'] }],
    ['no operations', { Operations: [] }],
    ['no grantee', { GranteePrincipal: undefined }],
    ['two grantees', { GranteeServicePrincipal: 'sqs.amazonaws.com' }],
    ['two retiring principals', { RetiringPrincipal: root, RetiringServicePrincipal: 'sqs.amazonaws.com' }],
    [
      'both kinds of context',
      { Constraints: { EncryptionContextSubset: { a: 'b' }, EncryptionContextEquals: { a: 'b' } } },
    ],
    [
      'a context for operations without',
      { Operations: ['DescribeKey'], Constraints: { EncryptionContextSubset: { a: 'b' } } },
    ],
    ['a service without a resource', { GranteePrincipal: undefined, GranteeServicePrincipal: 'sqs.amazonaws.com' }],
  ])('%s [model: CreateGrantRequest]', async (_, change) => {
    const { KeyId } = await newKey();
    const answer = await callKms('CreateGrant', { KeyId, GranteePrincipal, Operations, ...change });
    expect(answer).toMatchObject({ status: 400, code: 'ValidationException' });
  });

  it('principals that can be none [model: InvalidArnException]', async () => {
    const { KeyId } = await newKey();
    for (const principal of ['bob', 'arn:aws:s3:::bucket', 'arn:aws:iam::1:user/x']) {
      const refusal = { code: 'InvalidArnException', message: `ARN does not refer to a valid principal: ${principal}` };
      await refused('CreateGrant', { KeyId, GranteePrincipal: principal, Operations }, refusal);
      await refused('CreateGrant', { KeyId, GranteePrincipal, RetiringPrincipal: principal, Operations }, refusal);
    }
  });

  it('dry runs, and makes nothing [model: CreateGrantRequest.DryRun]', async () => {
    const { KeyId } = await newKey();
    await refused('CreateGrant', { KeyId, GranteePrincipal, Operations, DryRun: true }, dryRun);
    expect((await kms().send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
  });

  const inputFor = (KeyId: string) => ({ KeyId, GranteePrincipal, Operations });
  refusesAbsentKeys('CreateGrant', inputFor);
  refusesAliases('CreateGrant', inputFor);
  refusesDisabledKeys('CreateGrant', inputFor);
  refusesDoomedKeys('CreateGrant', inputFor);
});
