/** `posthorn iam explain` */
import type { Command } from './command.ts';
import { exitCodes } from './failure.ts';
import { nonEmpty } from './rules.ts';
import { list, SettingsError, text } from './setting.ts';
import { type Column, formatTable, printableJson } from './table.ts';

const flags = {
  principal: text('<arn>', undefined, nonEmpty, 'who asks: a user, a role, a session, a root; a service; anonymous'),
  action: text('<action>', undefined, nonEmpty, 'what is asked, for example sqs:SendMessage'),
  resource: text('<arn>', '*', nonEmpty, 'of what; * for actions that have no resource'),
  context: list('<key>=<value>', 'what conditions ask for, such as aws:SourceIp; several are possible'),
};

interface Explanation {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly effect: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly by: string;
  readonly statements: readonly { readonly policy: string; readonly statement: string; readonly effect: string }[];
  readonly resourcePolicy: boolean;
  readonly grant: boolean;
  readonly message?: string;
  readonly missingContext: readonly string[];
}

const columns: readonly Column[] = [
  { title: 'EFFECT' },
  { title: 'POLICY', minWidth: 12 },
  { title: 'STATEMENT', minWidth: 10 },
];

export const iam: Command<typeof flags> = {
  name: 'iam',
  words: ['explain'],
  summary: 'tell who may do what, and which statement says so',
  flags,
  notes: `The server is asked, with the policies that it has at the moment; nothing is called. A role is taken to have been
assumed without session policies. STATEMENT is the Sid, or the number of the statement in its policy, from 0. Example:

  posthorn iam explain --principal arn:aws:iam::000000000000:user/app --action sqs:SendMessage \\
    --resource arn:aws:sqs:us-east-1:000000000000:orders --context aws:SourceIp=10.1.2.3`,
  run: async ({ words, flags, client, io }) => {
    const { principal, action, resource, context, json } = flags;
    if (words[0] !== 'explain') throw new SettingsError('posthorn iam has one word, explain: posthorn iam explain.');
    const missing = principal === undefined ? '--principal' : action === undefined ? '--action' : undefined;
    if (missing !== undefined)
      throw new SettingsError(`${missing} is missing; posthorn iam explain --help has an example.`);
    const explanation: Explanation = await client.page('access/explain', { principal, action, resource, context });
    io.print(json ? printableJson(explanation) : describe(explanation, io.output.columns));
    return exitCodes.ok;
  },
};

function describe(explanation: Explanation, width: number): string {
  const { principal, action, resource, statements } = explanation;
  const rows = statements.map(({ effect, policy, statement }) => [effect, nameOf(policy, resource), statement]);
  return [
    `${principal} ${verdictOf(explanation)} ${action} on ${resource}${reasonOf(explanation)}.`,
    ...(rows.length === 0 ? [] : ['', formatTable(columns, rows, width)]),
    ...hintsOf(explanation),
  ].join('\n');
}

function verdictOf({ effect }: Explanation): string {
  return effect === 'allowed' ? 'may' : effect === 'explicitDeny' ? 'is denied' : 'may not';
}

const policies: Readonly<Record<string, string>> = {
  identity: "the principal's own policies",
  resource: "the resource's policy",
  boundary: 'the permissions boundary',
  session: 'the session policies',
  crossAccount: "both the principal's policies and those of the resource's account",
};

function reasonOf({ effect, by, grant, resourcePolicy }: Explanation): string {
  if (by === 'root') return ', as the root of the account';
  if (grant) return ', by a grant of the key';
  const policy = policies[by] ?? 'any policy';
  if (effect !== 'implicitDeny') return `, by ${policy}`;
  if (by === 'crossAccount') return ': no policy can let another account do this';
  const none = by === 'resource' && !resourcePolicy ? 'the resource has no policy' : undefined;
  return `: ${none ?? `${policy === 'any policy' ? 'no policy allows it' : `it is not allowed by ${policy}`}`}`;
}

/** The policy of a resource has no name of its own. */
function nameOf(policy: string, resource: string): string {
  return policy === 'resource' ? `policy of ${resource}` : policy;
}

function hintsOf({ effect, message, statements, missingContext }: Explanation): string[] {
  const isHalf = effect === 'implicitDeny' && statements.some((each) => each.effect === 'Allow');
  return [
    ...(isHalf ? ['', 'These statements allow it, but that is not enough.'] : []),
    ...(message === undefined ? [] : ['', message]),
    ...(missingContext.length === 0
      ? []
      : ['', `Policies ask for what was not given with --context: ${missingContext.join(', ')}`]),
  ];
}
