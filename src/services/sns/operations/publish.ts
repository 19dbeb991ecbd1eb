import { required } from '#std/assert';
import { isEndpointArn, publishDirect } from '../directPublish.ts';
import { invalidParameter } from '../errors.ts';
import { findTopic, refuseIfGone } from '../finding.ts';
import { checkPublication } from '../publication.ts';
import { publishAll } from '../publishing.ts';
import type { SnsOperation } from '../service.ts';

export const publish: SnsOperation<'Publish'> = async (sns, input, context) => {
  const { TopicArn, TargetArn, PhoneNumber } = input;
  const targets = [TopicArn, TargetArn, PhoneNumber].filter((each) => each !== undefined);
  if (targets.length === 0) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  if (targets.length > 1) throw invalidParameter('Only one of TopicArn, TargetArn and PhoneNumber can be given');
  if (PhoneNumber !== undefined) return publishDirect(sns, { PhoneNumber }, input, context);
  if (TargetArn !== undefined && isEndpointArn(TargetArn)) return publishDirect(sns, { TargetArn }, input, context);
  const parameter = TopicArn === undefined ? 'TargetArn' : 'TopicArn';
  const topic = await findTopic(sns, TopicArn ?? TargetArn ?? '', context, parameter);
  const publication = checkPublication(input, topic, sns.partition.now());
  refuseIfGone(topic);
  const [published] = await publishAll(sns, topic, [publication], context);
  return required(published, 'what was published');
};
