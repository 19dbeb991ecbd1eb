import { expect, it } from 'vitest';
import { answerChallenge, takeLogin } from './challenge.ts';

const target = { method: 'GET', path: '/dir/index.html' };
const mufasa = { user: 'Mufasa', password: 'Circle Of Life' };

it('answers Basic as RFC 7617 shows it', () => {
  const login = { user: 'Aladdin', password: 'open sesame' };
  expect(answerChallenge('Basic realm="WallyWorld"', login, target)).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
});

it('answers Digest as RFC 2617 shows it', () => {
  const challenge =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const answer = answerChallenge(challenge, mufasa, target, '0a4f113b');
  expect(answer).toContain('response="6629fae49393a05397450978507c4ef1"');
  expect(answer).toContain('opaque="5ccc069c403ebaf9f0171e9517f40e41"');
  expect(answer).toContain('username="Mufasa"');
  expect(answer).toContain('nc=00000001');
});

it('answers Digest with SHA-256 as RFC 7616 shows it', () => {
  const challenge =
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const clientNonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  const login = { user: 'Mufasa', password: 'Circle of Life' };
  expect(answerChallenge(challenge, login, target, clientNonce)).toContain(
    'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
  );
});

it('prefers Digest, and takes Basic where Digest is of a kind that it does not know', () => {
  expect(answerChallenge('Basic realm="a", Digest realm="b", nonce="c"', mufasa, target)).toMatch(
    /^Digest .*realm="b"/,
  );
  expect(answerChallenge('Digest realm="b", nonce="c", Basic realm="a"', mufasa, target)).toMatch(
    /^Digest .*realm="b"/,
  );
  expect(answerChallenge('Digest realm="b", nonce="c", algorithm=MD4, Basic realm="a"', mufasa, target)).toMatch(
    /^Basic /,
  );
  expect(answerChallenge('Bearer realm="Basically"', mufasa, target)).toBeUndefined();
});

it('takes the login out of the URL', () => {
  const url = new URL('https://a%40b:p%3Aw%zz@host/path');
  expect(takeLogin(url)).toEqual({ user: 'a@b', password: 'p%3Aw%zz' });
  expect(url.href).toBe('https://host/path');
  expect(takeLogin(url)).toBeUndefined();
});
