/** The setting that says whom client certificates stand for. */
import type { Setting } from './setting.ts';

/**
 * `orders=arn:aws:iam::111122223333:user/orders, AB:CD:...=arn:...`, the pairs on lines of their own or with commas
 * between them. ARNs may hold commas and equals signs, but `=arn:` is in none; a name with a comma needs the fingerprint.
 */
export function principals(
  placeholder: string,
  description: string,
): Setting<Readonly<Record<string, string>> | undefined> {
  return {
    default: undefined,
    description,
    placeholder,
    parse: (given) => {
      const pairs = given
        .split(/\n|,(?=[^,\n]*=\s*arn:)/)
        .map((pair) => pair.trim())
        .filter((pair) => pair !== '')
        .map((pair) => principalPattern.exec(pair));
      const read = pairs.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const]));
      const isUnclear = read.length < pairs.length || new Set(read.map(([name]) => name)).size < read.length;
      if (read.length > 0 && !isUnclear) return { value: Object.fromEntries(read) };
      return { allowed: 'a list like orders=arn:aws:iam::111122223333:user/orders, in which no name is twice' };
    },
  };
}

const principalPattern = /^(\S.*?)\s*=\s*(arn:aws[a-z-]*:(?:iam|sts)::\d{12}:\S+)$/;
