import { deleteDirectQueue, pushQueuePath } from '../directQueues.ts';
import { applicationKind, applicationPath, readApplication } from '../platformApplications.ts';
import { checkApplicationArn } from '../platformArn.ts';
import { type EndpointRecord, endpointKind, removeEndpoint } from '../platformEndpoints.ts';
import type { SnsOperation } from '../service.ts';

/** Endpoints that are removed by one commit. */
const removedAtOnce = 500;

/** With its endpoints, which are none from the first commit on. What is not there can be deleted. */
export const deletePlatformApplication: SnsOperation<'DeletePlatformApplication'> = async (sns, input, context) => {
  const path = checkApplicationArn(input.PlatformApplicationArn, context);
  if (path === undefined) return;
  const { entities } = sns.partition;
  await sns.turns.take(applicationPath(path), async () => {
    const record = await readApplication(sns, path);
    if (record === undefined) return;
    await entities.write({ kind: applicationKind, path: applicationPath(path) });
    await deleteDirectQueue(sns, pushQueuePath(record));
    for (;;) {
      const page = await entities.list<EndpointRecord>(endpointKind, `${applicationPath(path)}/`, removedAtOnce);
      if (page.length === 0) return;
      await entities.write(...page.flatMap(({ value }) => removeEndpoint(path, value)));
    }
  });
};
