/**
 * A service whose operations count against the rate of the access key. The count comes last of all checks: a key is only a
 * claim until the signature has been checked, and who merely names it must not use up its rate.
 */
import type { CallContext, ServedService } from './contract.ts';
import { type RequestRates, rateExceeded } from './requestRates.ts';

type Call = (input: never, context: CallContext) => unknown;

export function throttled(service: ServedService, rates: RequestRates, clock: () => number): ServedService {
  const operations = Object.entries(service.operations).map(([name, call]) => [
    name,
    call === undefined ? undefined : counted(call, rates, clock),
  ]);
  return { ...service, operations: Object.fromEntries(operations) };
}

function counted(call: Call, rates: RequestRates, clock: () => number): Call {
  return (input, context) => {
    // Who shows a certificate has no key.
    const who = context.accessKeyId || (context.caller?.principal.arn ?? '');
    if (!rates.take(who, clock())) throw rateExceeded();
    return call(input, context);
  };
}
