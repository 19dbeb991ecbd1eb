import {
  applicationKind,
  applicationPath,
  checkApplicationAttributes,
  findApplication,
  mergeAttributes,
} from '../platformApplications.ts';
import type { SnsOperation } from '../service.ts';

export const setPlatformApplicationAttributes: SnsOperation<'SetPlatformApplicationAttributes'> = async (
  sns,
  input,
  context,
) => {
  checkApplicationAttributes(input.Attributes);
  const { PlatformApplicationArn: arn } = input;
  const path = applicationPath(await findApplication(sns, arn, context));
  await sns.turns.take(path, async () => {
    const record = await findApplication(sns, arn, context);
    const attributes = mergeAttributes(record.attributes, input.Attributes);
    await sns.partition.entities.write({ kind: applicationKind, path, value: { ...record, attributes } });
  });
};
