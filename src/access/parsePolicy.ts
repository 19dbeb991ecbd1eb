import { checkAttachedPolicy, readAttachedDocument } from './attachedRules.ts';
import { compilePolicy } from './compile.ts';
import { type PolicyDocument, refuse } from './document.ts';
import { checkIdentityPolicy, readIdentityDocument } from './identityRules.ts';
import * as limits from './limits.ts';
import type { Policy, PolicyKind } from './policy.ts';
import { PolicyMemory } from './policyMemory.ts';

const memory = new PolicyMemory(limits.rememberedPolicies, limits.rememberedCharacters);

/** Checks and compiles a policy; throws MalformedPolicy. A text that came before costs a look into a map. */
export function parsePolicy(text: string, kind: PolicyKind): Policy {
  const known = memory.find(text, kind);
  if (known !== undefined) return known;
  if (text.length > limits.policyCharacters) {
    refuse(`The policy is longer than ${limits.policyCharacters} characters.`);
  }
  const policy = compile(text, kind);
  memory.add(text, policy);
  return policy;
}

function compile(text: string, kind: PolicyKind): Policy {
  if (kind === 'identity' || kind === 'session') {
    const document = checkNumber(readIdentityDocument(text));
    return compilePolicy(kind, versionOf(document), checkIdentityPolicy(document, kind === 'identity'));
  }
  const document = checkNumber(readAttachedDocument(text));
  return compilePolicy(kind, versionOf(document), checkAttachedPolicy(document, kind));
}

function checkNumber(document: PolicyDocument): PolicyDocument {
  const { length } = document.statements;
  if (length > limits.policyStatements) {
    refuse(`The policy has ${length} statements, of ${limits.policyStatements} that are allowed.`);
  }
  return document;
}

function versionOf({ members }: PolicyDocument): Policy['version'] {
  return members.Version === '2012-10-17' ? '2012-10-17' : '2008-10-17';
}
