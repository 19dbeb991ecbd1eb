/** IAM's quotas, as its user guide lists them: "IAM and AWS STS quotas". Sizes are in characters without white space. */
export const usersPerAccount = 5_000;
export const groupsPerAccount = 300;
export const rolesPerAccount = 1_000;
export const policiesPerAccount = 1_500;
export const groupsPerUser = 10;
export const accessKeysPerUser = 2;
export const policiesPerEntity = 10;
export const versionsPerPolicy = 5;
export const managedPolicyCharacters = 6_144;
export const trustPolicyCharacters = 2_048;
/** Of all inline policies of one entity together. */
export const inlinePolicyCharacters = { user: 2_048, group: 5_120, role: 10_240 } as const;
export const tagsPerEntity = 50;

/** What a page holds unless MaxItems says otherwise. */
export const pageItems = 100;

export const defaultMaxSessionSeconds = 3_600;

/** When a key or a role was last used is written no more often. */
export const lastUsedIntervalMs = 60_000;

/** Sessions whose tokens have been opened; the oldest is forgotten first. */
export const openedSessionsMax = 10_000;
/** Of an account's entities, how many are read at once. */
export const loadedAtOnce = 1_000;
