import { describe, expect, it } from 'vitest';
import { accountIdOf, credentialOf } from './credential.ts';
import type { EdgeRequest } from './protocols/protocol.ts';

function claim(authorization: string | undefined, parameters?: Map<string, string>) {
  return credentialOf({ headers: { authorization } } as unknown as EdgeRequest, parameters);
}

const nobody = { accessKeyId: '', region: '', service: '' };

describe('the credential scope', () => {
  it('is read from the header', () => {
    const header =
      'AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-3/sqs/aws4_request, SignedHeaders=host, Signature=0';
    expect(claim(header)).toEqual({ accessKeyId: '123456789012', region: 'eu-west-3', service: 'sqs' });
    expect(claim(header.replaceAll(', ', ','))).toMatchObject({ service: 'sqs' });
  });

  it('is read from a presigned URL', () => {
    const parameters = new Map([['X-Amz-Credential', 'AKID/20260101/us-west-2/sns/aws4_request']]);
    expect(claim(undefined, parameters)).toEqual({ accessKeyId: 'AKID', region: 'us-west-2', service: 'sns' });
  });

  it('has no region in SigV4a', () => {
    const header = 'AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/sts/aws4_request, SignedHeaders=host, Signature=0';
    expect(claim(header)).toEqual({ accessKeyId: 'AKID', region: '', service: 'sts' });
  });

  it.each([[undefined], ['Basic abc'], ['AWS4-HMAC-SHA256 Credential='], ['AWS4-HMAC-SHA256 Credential=<x>/a']])(
    'of %s names nobody',
    (header) => expect(claim(header)).toEqual(nobody),
  );

  it('does not let a strange region through', () => {
    expect(claim('AWS4-HMAC-SHA256 Credential=A/1/"><x>/sqs/aws4_request')).toMatchObject({ region: '' });
  });
});

describe('the account', () => {
  it('is the access key id of 12 digits, or zeros', () => {
    expect(accountIdOf('123456789012', '000000000000')).toBe('123456789012');
    expect(accountIdOf('1234567890123', '000000000000')).toBe('000000000000');
    expect(accountIdOf('AKIAIOSFODNN7EXAMPLE', '000000000000')).toBe('000000000000');
    expect(accountIdOf('', '000000000000')).toBe('000000000000');
  });
});
