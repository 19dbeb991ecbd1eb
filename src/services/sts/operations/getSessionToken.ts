import { accessDenied } from '../errors.ts';
import { defaultSessionSeconds, rootSessionSeconds } from '../limits.ts';
import { callerOf, isSession, type StsOperation } from '../service.ts';
import { makeSession } from '../sessions.ts';

/** Needs no permission: who calls gets what it has. */
export const getSessionToken: StsOperation<'GetSessionToken'> = (sts, input, context) => {
  const principal = callerOf(context);
  if (isSession(principal)) throw accessDenied('Cannot call GetSessionToken with session credentials');
  // No MFA device can be made here, so no code is right.
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined) {
    throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.');
  }
  const asked = input.DurationSeconds ?? defaultSessionSeconds;
  const seconds = principal.kind === 'root' ? Math.min(asked, rootSessionSeconds) : asked;
  // The keys of the user are those that it has when it uses the session.
  return { Credentials: makeSession(sts, { principal: { ...principal, context: {} }, seconds }) };
};
