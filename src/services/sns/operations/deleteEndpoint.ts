import { checkEndpointArn } from '../platformArn.ts';
import { readEndpoint, removeEndpoint, turnOf } from '../platformEndpoints.ts';
import { announce } from '../platformEvents.ts';
import type { SnsOperation } from '../service.ts';

/** Subscriptions of it stay, and fail. What is not there can be deleted. */
export const deleteEndpoint: SnsOperation<'DeleteEndpoint'> = async (sns, input, context) => {
  const path = checkEndpointArn(input.EndpointArn, context);
  if (path === undefined) return;
  await sns.turns.take(turnOf(path.application), async () => {
    const found = await readEndpoint(sns, path);
    if (found === undefined) return;
    await sns.partition.entities.write(...removeEndpoint(path.application, found.endpoint));
    await announce(sns, found.application, 'EndpointDeleted', input.EndpointArn, context.endpoint);
  });
};
