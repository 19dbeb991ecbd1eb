/** Characters of a policy, the `policyDocumentType` of IAM's model. What is attached to one thing is less, and checked there. */
export const policyCharacters = 131_072;

/** Statements of a policy. Ours: that many of the shortest take some 90,000 characters, so that no real one reaches it. */
export const policyStatements = 2000;

/** Policies that parsePolicy remembers. Ours. */
export const rememberedPolicies = 4096;

/** Characters of all remembered policies together. Ours: some tens of MiB when compiled. */
export const rememberedCharacters = 4 * 1024 * 1024;
