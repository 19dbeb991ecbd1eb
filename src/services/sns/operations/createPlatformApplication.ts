import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { invalidParameter } from '../errors.ts';
import {
  type ApplicationRecord,
  applicationKind,
  applicationPath,
  checkApplicationAttributes,
  checkApplicationName,
  checkCredentials,
  mergeAttributes,
  platforms,
  readApplication,
} from '../platformApplications.ts';
import { applicationArn } from '../platformArn.ts';
import type { SnsOperation } from '../service.ts';

/** Creating once more what is there already gives its ARN, unless something is different. */
export const createPlatformApplication: SnsOperation<'CreatePlatformApplication'> = async (sns, input, context) => {
  const { Name: name, Platform: platform, Attributes: given } = input;
  checkApplicationName(name);
  if (!platforms.includes(platform)) throw invalidParameter(`Platform Reason: ${platform} is not supported`);
  checkApplicationAttributes(given);
  checkCredentials(platform, given);
  const path = { accountId: context.accountId, region: context.region, platform, name };
  const attributes = mergeAttributes({}, given);
  await sns.turns.take(applicationPath(path), async () => {
    const existing = await readApplication(sns, path);
    if (existing !== undefined) {
      if (isDeepStrictEqual(existing.attributes, attributes)) return;
      throw invalidParameter('Name Reason: An application with the same name but different properties already exists');
    }
    const createdAt = sns.partition.now();
    const value: ApplicationRecord = { ...path, applicationId: randomUUID(), createdAt, attributes };
    await sns.partition.entities.write({ kind: applicationKind, path: applicationPath(path), value });
  });
  return { PlatformApplicationArn: applicationArn(path) };
};
