/** What may stand in the settings that the server and the commands share. */
import { isHostOrNetwork } from '#std/hostOrNetwork';
import { matching, type Setting, type TextRule } from './setting.ts';

export const accountIdRule = matching(/^\d{12}$/, '12 digits');
export const regionRule = matching(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the name of a region, for example us-east-1');
export const accessKeyIdRule = matching(
  /^(?!ASIA)\w{16,128}$/,
  '16 to 128 letters, digits and underscores that do not begin as the keys of sessions do, with ASIA',
);
export const secretRule = matching(/^[\x21-\x7e]{16,}$/, '16 characters or more, without spaces');
export const masterKeyRule = matching(
  /^[A-Za-z0-9+/]{43}=?$/,
  '32 bytes in base64, as "openssl rand -base64 32" makes them',
);
export const nonEmpty = matching(/\S/, 'a name, not an empty text');

export function urlRule(example: string): TextRule {
  return { allowed: `an http:// or https:// URL without a query, for example ${example}`, normalize: baseUrl };
}

function baseUrl(given: string): string | undefined {
  if (!URL.canParse(given)) return undefined;
  const url = new URL(given);
  const plain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!plain || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  return url.href.replace(/\/+$/, '');
}

/** A URL of these schemes, which may hold a name and a password. */
export function loginUrlRule(schemes: readonly string[], example: string): TextRule {
  const isAllowed = (given: string) => URL.canParse(given) && schemes.includes(new URL(given).protocol);
  return {
    allowed: `a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}, for example ${example}`,
    normalize: (given) => (isAllowed(given) ? given : undefined),
  };
}

/** `111122223333, 444455556666` */
export function accountIds(placeholder: string, description: string): Setting<readonly string[]> {
  return commaList(placeholder, description, (entry) => accountIdRule.normalize(entry) !== undefined, {
    allowed: 'numbers of accounts, 12 digits each, for example 111122223333,444455556666',
  });
}

/** `hooks.example.com, 10.1.0.0/16` */
export function hosts(placeholder: string, description: string): Setting<readonly string[]> {
  return commaList(placeholder, description, isHostOrNetwork, {
    allowed: 'names of hosts, addresses and networks, for example hooks.example.com,10.1.0.0/16',
  });
}

function commaList(
  placeholder: string,
  description: string,
  isEntry: (text: string) => boolean,
  refusal: { readonly allowed: string },
): Setting<readonly string[]> {
  return {
    default: [],
    description,
    placeholder,
    parse: (given) => {
      const value = given.split(',').map((entry) => entry.trim());
      return value.every(isEntry) ? { value } : refusal;
    },
  };
}
