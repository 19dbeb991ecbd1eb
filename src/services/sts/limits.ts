/** Limits of sessions, as the documentation of STS's operations has them. Times are in seconds. */
export const defaultRoleSeconds = 3_600;
/** Of a role that was assumed with the credentials of a role. */
export const chainedRoleSeconds = 3_600;
export const defaultSessionSeconds = 43_200;
/** The root of an account gets sessions of an hour at most, and is given less without being told. */
export const rootSessionSeconds = 3_600;

export const policyArnsMax = 10;
/** The text of a session policy. */
export const sessionPolicyCharacters = 2_048;
/**
 * What session policies and tags may take when they are packed. AWS doesn't say how it packs them; this keeps a token within
 * what a header takes.
 */
export const packedPolicyBytes = 2_048;

/** To fetch the keys of an issuer. */
export const issuerTimeoutMs = 5_000;
/** How far the clock of an issuer may be off. */
export const issuerClockSkewSeconds = 60;
