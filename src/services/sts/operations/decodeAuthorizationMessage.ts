import { decodeAuthorizationMessage as decode } from '../authorizationMessage.ts';
import { invalidAuthorizationMessage } from '../errors.ts';
import type { StsOperation } from '../service.ts';

export const decodeAuthorizationMessage: StsOperation<'DecodeAuthorizationMessage'> = ({ sealer }, input) => {
  const DecodedMessage = decode(sealer, input.EncodedMessage);
  if (DecodedMessage === undefined) throw invalidAuthorizationMessage();
  return { DecodedMessage };
};
