/** Sentences for an endpoint that does not answer, or not as Posthorn does. */

/** Of certificates whose authority nobody here has heard of. */
const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** Why there was no answer. Node's fetch says "fetch failed", and the reason behind it. */
export function explainNoAnswer(error: unknown, endpoint: string, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `${endpoint} did not answer within ${timeoutMs / 1000} s.`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = code || (cause instanceof Error ? cause.message : String(cause));
  if (untrusted.has(code)) {
    return `${endpoint} shows a certificate of an authority that is not trusted here (${reason}). Name the authority's file in NODE_EXTRA_CA_CERTS.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && cause instanceof Error) {
    return `${endpoint} shows the certificate of another host: ${cause.message}`;
  }
  if (code.includes('WRONG_VERSION_NUMBER') || code.includes('PACKET_LENGTH_TOO_LONG')) {
    return `${endpoint} does not speak TLS (${reason}). Does the server have a certificate, or should it be http://?`;
  }
  return `No server answers at ${endpoint} (${reason}). Start one with "posthorn start", or say where it is with --endpoint.`;
}

export function explainOtherAnswer(status: number, body: string, endpoint: string): string {
  if (status === 400 && body.includes('TLS only')) return `${endpoint} speaks TLS only: use https://.`;
  return `${endpoint} answers (HTTP ${status}), but not as Posthorn does. Is --endpoint right?`;
}
