/** The setting that says who may vouch for web identities. */
import type { Setting } from './setting.ts';

export interface Issuer {
  readonly issuer: string;
  readonly audiences: readonly string[];
}

/** `https://issuer.example.com=audience`, separated by commas or lines; an issuer that comes twice has two audiences. */
export function issuers(placeholder: string, description: string): Setting<readonly Issuer[] | undefined> {
  return {
    default: undefined,
    description,
    placeholder,
    parse: (given) => {
      const pairs = given
        .split(/[\n,]/)
        .flatMap((each) => (each.trim() === '' ? [] : [issuerPattern.exec(each.trim())]));
      const byIssuer = new Map<string, string[]>();
      for (const [, issuer = '', audience = ''] of pairs.map((match) => match ?? [])) {
        byIssuer.set(issuer, [...(byIssuer.get(issuer) ?? []), audience]);
      }
      if (pairs.length === 0 || pairs.some((match) => match === null)) {
        return { allowed: 'a list like https://issuer.example.com=audience' };
      }
      return { value: [...byIssuer].map(([issuer, audiences]) => ({ issuer, audiences })) };
    },
  };
}

// Plain HTTP is for an issuer on this machine, in a test.
const issuerPattern = /^(https:\/\/\S+?|http:\/\/(?:127\.0\.0\.1|localhost)\S*?)\s*=\s*(\S+)$/;
