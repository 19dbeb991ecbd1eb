import { expect, test } from 'vitest';
import { issuers } from './issuers.ts';

const parse = (text: string) => issuers('<list>', 'who').parse(text);

test('an issuer has the audiences that are given with it', () => {
  const github = 'https://token.actions.githubusercontent.com';
  expect(parse(`${github}=sts.amazonaws.com, https://other.example=a\n${github} = b`)).toEqual({
    value: [
      { issuer: github, audiences: ['sts.amazonaws.com', 'b'] },
      { issuer: 'https://other.example', audiences: ['a'] },
    ],
  });
  expect(parse('http://127.0.0.1:8080/realm=a')).toEqual({
    value: [{ issuer: 'http://127.0.0.1:8080/realm', audiences: ['a'] }],
  });
});

test.each(['', 'https://issuer.example', 'http://issuer.example=a', '=a', 'issuer=a'])('"%s" is refused', (text) => {
  expect(parse(text)).toHaveProperty('allowed');
});
