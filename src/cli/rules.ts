/** What may stand in the settings that the server and the commands share. */
import { matching, type TextRule } from './setting.ts';

export const accountIdRule = matching(/^\d{12}$/, '12 digits');
export const regionRule = matching(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the name of a region, for example us-east-1');
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
