/**
 * What AWS does and this server only if it is told to, on a server that was told. Its quotas are tested beside the code,
 * where time stands still.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../../src/server.ts';
import { type Answer, call, type Input, type ProtocolName } from '../client.ts';
import { describeOurs, uniqueName } from '../target.ts';

const signer = { accessKeyId: '111122223333', secretAccessKey: 'secret', region: 'eu-west-1', service: 'sqs' };
const prefix = 'AWS.SimpleQueueService';

let server: PosthornServer;
beforeAll(async () => {
  server = await startPosthorn({ port: 0, memory: true, strictTiming: true });
});
afterAll(() => server.close());

describeOurs.each<{ protocol: ProtocolName }>([{ protocol: 'JSON' }, { protocol: 'Query' }])(
  'a server with strict timing over $protocol',
  ({ protocol }) => {
    function send(operation: string, input: Input): Promise<Answer> {
      return call(protocol, server.endpoint, signer, operation, input);
    }

    async function newQueue(input: Input): Promise<string> {
      const { output, status } = await send('CreateQueue', input);
      expect(status).toBe(200);
      return output.QueueUrl ?? '';
    }

    it('purges a queue once in 60 seconds [aws: successive purge calls fail]', async () => {
      const QueueName = uniqueName();
      const QueueUrl = await newQueue({ QueueName });
      expect(await send('PurgeQueue', { QueueUrl })).toMatchObject({ status: 200 });
      const message = `Only one PurgeQueue operation on ${QueueName} is allowed every 60 seconds.`;
      expect(await send('PurgeQueue', { QueueUrl })).toMatchObject({
        status: 403,
        error: { queryCode: `${prefix}.PurgeQueueInProgress`, message, fault: 'Sender' },
      });
    });

    it('makes a name wait after a deletion [aws: create queue recently deleted]', async () => {
      const QueueName = uniqueName();
      const QueueUrl = await newQueue({ QueueName });
      expect(await send('DeleteQueue', { QueueUrl })).toMatchObject({ status: 200 });
      const message =
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.';
      expect(await send('CreateQueue', { QueueName })).toMatchObject({
        status: 400,
        error: { queryCode: `${prefix}.QueueDeletedRecently`, message, fault: 'Sender' },
      });
    });
  },
);
