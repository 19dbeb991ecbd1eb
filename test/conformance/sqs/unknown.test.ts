/** Operations that SQS does not have. */
import { expect, it } from 'vitest';
import { describeOurs, protocols } from '../target.ts';

describeOurs.each(protocols)('an operation that SQS does not have, over $name', (api) => {
  it.each(['SendMessages', 'sendMessage', 'Publish'])('is refused: %s [facts: error codes]', async (operation) => {
    const { status, error } = await api.call(operation, {});
    expect(status).toBe(400);
    expect(error?.code ?? error?.queryCode).toBe(api.name === 'JSON' ? 'UnknownOperationException' : 'InvalidAction');
  });
});
