import { DecodeAuthorizationMessageCommand } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { decide, parsePolicy } from '#access';
import { createSealer } from '#runtime';
import { encodeAuthorizationMessage } from '../../../src/services/sts/index.ts';
import { deny, newAccount, policyText, refused, sealingKey, startIdentityServer } from '../iam/identityServer.ts';

it('decodes what was made here, and nothing else [model: DecodeAuthorizationMessage]', async () => {
  const server = await startIdentityServer();
  const account = newAccount();
  const decode = (EncodedMessage: string) =>
    server.stsClient(account).send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
  const principal = {
    kind: 'user',
    accountId: account,
    arn: `arn:aws:iam::${account}:user/x`,
    userId: 'AIDAX',
    context: {},
  } as const;
  const policy = parsePolicy(policyText({ Sid: 'No', ...deny('sqs:*') }), 'identity');
  const resource = `arn:aws:sqs:eu-west-1:${account}:q`;
  const request = {
    action: 'sqs:SendMessage',
    resource,
    resourceAccountId: account,
    context: { 'aws:SourceIp': '10.0.0.1' },
  };
  const decision = decide({ principal, policies: [{ name: 'inline:p', policy }] }, request);
  const encoded = encodeAuthorizationMessage(createSealer(sealingKey), principal, request, decision);
  const { DecodedMessage = '' } = await decode(encoded);
  expect(JSON.parse(DecodedMessage)).toMatchObject({
    ...{ allowed: false, explicitDeny: true },
    matchedStatements: { items: [{ policy: 'inline:p', statementId: 'No', effect: 'Deny' }] },
    context: { principal: { arn: principal.arn }, action: 'sqs:SendMessage', resource },
  });
  const refusal = { code: 'InvalidAuthorizationMessageException', message: 'Message is not valid' };
  await refused(decode('nonsense'), refusal);
  await refused(decode(`${encoded} `), refusal);
  const bytes = Buffer.from(encoded, 'base64url');
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  await refused(decode(bytes.toString('base64url')), refusal);
  await server.close();
});
