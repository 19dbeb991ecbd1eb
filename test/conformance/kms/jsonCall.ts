/** KMS in plain JSON, so that a test can send what an SDK would refuse to, and see what is on the wire. */
import { sign } from '../signature.ts';
import { endpoint, signerOf } from '../target.ts';

export type Input = Readonly<Record<string, unknown>>;

export interface KmsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly output: Readonly<Record<string, unknown>>;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export interface KmsCallOptions {
  readonly accessKeyId?: string;
  readonly region?: string;
}

/** Bytes of the input are sent as base64. */
export async function callKms(operation: string, input: Input, options: KmsCallOptions = {}): Promise<KmsAnswer> {
  const body = JSON.stringify(input, (_, value) => (value?.type === 'Buffer' ? base64(value.data) : value));
  const url = new URL(endpoint());
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` };
  const { host: _, ...signed } = sign(
    { method: 'POST', url, headers, body },
    { ...signerOf('kms'), ...options },
    new Date(),
  );
  const answer = await fetch(url, { method: 'POST', headers: signed, body });
  const text = await answer.text();
  const content = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return {
    status: answer.status,
    contentType: answer.headers.get('content-type') ?? '',
    output: content,
    code: (content.__type as string | undefined)?.split('#').at(-1),
    message: (content.message ?? content.Message) as string | undefined,
  };
}

export function base64(bytes: Uint8Array | readonly number[] | string): string {
  return Buffer.from(bytes as Uint8Array).toString('base64');
}
