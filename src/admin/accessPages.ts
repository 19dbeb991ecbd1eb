/** Who may do what, and which statement says so. */
import { json, type Page, PageRefusal, type PageRequest, readQuery } from './page.ts';

export interface AccessQuestion {
  /** The ARN of who asks; `anonymous`, or the name of a service. */
  readonly principal: string;
  /** `sqs:SendMessage` */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** What the request would say: several values of one key make it multi-valued. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface AccessPagesOptions {
  /** What the policies say; `problem`: what of the question there is not. */
  readonly explainAccess: (question: AccessQuestion) => Promise<object | { readonly problem: string }>;
}

export function accessPages({ explainAccess }: AccessPagesOptions): Page[] {
  return [
    {
      path: /^\/_posthorn\/access\/explain$/,
      methods: {
        GET: async (request) => {
          const explained = await explainAccess(readQuestion(request));
          if ('problem' in explained) throw new PageRefusal(404, explained.problem);
          return json(explained);
        },
      },
    },
  ];
}

function readQuestion({ query }: PageRequest): AccessQuestion {
  const { principal, action, resource = '*' } = readQuery(query, ['principal', 'action', 'resource', 'context']);
  if (principal === undefined) throw new PageRefusal(400, 'principal is missing: the ARN of who asks.');
  if (action === undefined || !/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(action)) {
    throw new PageRefusal(400, `action is "${action ?? ''}", but must be a single one, such as sqs:SendMessage.`);
  }
  if (resource !== '*' && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:./.test(resource)) {
    throw new PageRefusal(400, `resource is "${resource}", but must be an ARN, or * for actions without one.`);
  }
  return { principal, action, resource, context: contextOf(query.getAll('context')) };
}

/** `key=value`, as often as there are values. */
function contextOf(given: readonly string[]): AccessQuestion['context'] {
  const values = new Map<string, string[]>();
  for (const pair of given) {
    const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined) throw new PageRefusal(400, `context is "${pair}", but must be <key>=<value>.`);
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const only = (all: readonly string[]) => (all.length === 1 ? (all[0] ?? '') : all);
  return Object.fromEntries([...values].map(([key, all]) => [key, only(all)]));
}
