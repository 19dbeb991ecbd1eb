/** The front door of the edge, for the composition root. Services build against `#aws/contract` alone. */

export { ClientReply } from './clientReply.ts';
export { type Access, type AccessOf, AwsError, type CallContext, type ServedService } from './contract.ts';
export { fallbackAccountId, fallbackRegion } from './credential.ts';
export {
  EdgeAdmission,
  type EdgeAdmissionOptions,
  type KnownSigner,
  type SignedCall,
  type SignerQuestion,
} from './edgeAdmission.ts';
export { AnsweredElsewhere, Exchange, type ExchangeSettings, type RequestMetric } from './exchange.ts';
export type { ErrorCodes, FaultRule, FaultyService } from './faultRule.ts';
export { type FaultReport, Faults } from './faults.ts';
export { Front, isApiPath } from './front/front.ts';
export {
  decideAccess,
  Guard,
  type GuardOptions,
  type KeyHolders,
  type RefusedAccess,
  type RequestGuard,
} from './guard.ts';
export { HeldBodies } from './heldBodies.ts';
export { type EdgeLimits, edgeLimits } from './limits.ts';
export { type EdgeLog, type Listener, type ListenerOptions, startListener } from './listener.ts';
export { guardedPages, PageGuard } from './pageGuard.ts';
export type { Answer, ReceivedBody, ReceivedRequest, Reply, RequestSocket } from './received.ts';
export { buildRoutes } from './route.ts';
export type { ServedTls } from './servedTls.ts';
export { HmacKey, hasSigned, isRefused, readSignature, type Signature, type SignedRequest } from './sigv4/index.ts';
export type { TlsKeys, TlsSettings } from './tls.ts';
export { type ClientPrincipals, principalOf } from './tlsClient.ts';
export { TlsEntrance } from './tlsEntrance.ts';
export { type ClientCertificate, socketFacts, tlsFacts } from './tlsFacts.ts';
