import { parseTemplate, splitTemplate } from './template.ts';

/** What IAM asks of a Resource that it stores; services that keep policies of their own resources ask for less. */
const partition = /^(?:\*|aws(?:-[a-z]+)*)$/;

const arnParts = 6;

const iamPaths: readonly string[] = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

/** Beyond its form: what AWS's older parser stumbles over, which it says before it says anything else. */
export function failsLegacyParsing(resource: string): boolean {
  if (resource === '*') return false;
  const parts = resource.split(':');
  return (parts.length < 6 && resource.includes('::')) || parts[2] === '';
}

/** Why IAM refuses the text, or undefined. */
export function resourceProblem(resource: string): string | undefined {
  if (resource === '*') return undefined;
  const [scheme, partitionName = '', service, region, account, ...rest] = resource.split(':');
  if (scheme === resource) return `Resource ${resource} must be in ARN format or "*".`;
  if (!partition.test(partitionName)) {
    const parts = [service || (region === undefined ? '*' : ''), region ?? '*', account ?? '*', rest.join(':') || '*'];
    const arn = ['arn', partitionName, ...parts].join(':');
    return `Partition "${partitionName}" is not valid for resource "${arn}".`;
  }
  if (service === undefined || /[*?]/.test(service)) {
    return 'Resource vendor must be fully qualified and cannot contain regexes.';
  }
  const name = rest.join(':');
  if (region !== undefined && region !== '') {
    if (service === 'iam') return `IAM resource ${resource} cannot contain region information.`;
    const mayHaveRegion = region === '*' || name.startsWith('accesspoint/');
    if (service === 's3' && !mayHaveRegion) return `Resource ${resource} can not contain region information.`;
  }
  const isIamPath = name === '*' || name === 'root' || iamPaths.some((path) => name.startsWith(path));
  if (service === 'iam' && rest.length > 0 && !isIamPath) {
    return `IAM resource path must either be "*", root, or start with ${iamPaths.join(', ')}.`;
  }
  return undefined;
}

/** A text of fewer than six parts stands for all that can follow: `arn:aws:sqs` for every queue. */
export function completedArn(resource: string): string {
  if (resource === '*' || resource.endsWith('*')) return resource;
  const parts = splitTemplate(parseTemplate(resource, '2012-10-17'), arnParts).length;
  return parts >= arnParts ? resource : `${resource}${':*'.repeat(arnParts - parts)}`;
}
