/**
 * From what a publisher wrote for `GCM` to a message of FCM's HTTP v1 API. Three forms come: `fcmV1Message`, which has that
 * shape already; the shape of the API before (`notification`, `data`, `time_to_live` ...), which AWS translates; and any
 * other text, which AWS sends as data under `default`.
 */
import type { Delivery } from '../delivery.ts';
import { isObject, type JsonObject, parseObject, textsOf, timeToLive } from './pushText.ts';

export interface FcmRequest {
  readonly validate_only?: true;
  readonly message: JsonObject;
}

const platforms = ['GCM', 'FCM'];

/** Of the former `notification`: what all devices share now, and what moved to Android's part. */
const sharedFields = ['title', 'body', 'image'];
const androidFields: Readonly<Record<string, string>> = {
  icon: 'icon',
  color: 'color',
  sound: 'sound',
  tag: 'tag',
  click_action: 'click_action',
  android_channel_id: 'channel_id',
  body_loc_key: 'body_loc_key',
  title_loc_key: 'title_loc_key',
};
const androidLists: Readonly<Record<string, string>> = {
  body_loc_args: 'body_loc_args',
  title_loc_args: 'title_loc_args',
};

export function composeFcm(delivery: Pick<Delivery, 'message' | 'attributes'>, token: string): FcmRequest {
  const given = parseObject(delivery.message);
  const request = isObject(given?.fcmV1Message) ? given.fcmV1Message : undefined;
  const message = request === undefined ? translate(given ?? { data: { default: delivery.message } }) : request.message;
  const base = isObject(message) ? message : {};
  // The endpoint says to whom; a topic or a condition would say it twice.
  const { topic: _topic, condition: _condition, token: _token, ...rest } = base;
  const seconds = timeToLive(delivery, platforms);
  const android = isObject(rest.android) ? rest.android : {};
  return {
    ...(request?.validate_only === true && { validate_only: true }),
    message: {
      ...rest,
      ...(rest.data !== undefined && { data: textsOf(rest.data) }),
      ...(seconds !== undefined && { android: { ...android, ttl: `${seconds}s` } }),
      token,
    },
  };
}

function translate(former: JsonObject): JsonObject {
  const notification = isObject(former.notification) ? former.notification : {};
  const shared = pick(notification, Object.fromEntries(sharedFields.map((name) => [name, name])));
  const onAndroid = { ...pick(notification, androidFields), ...pick(notification, androidLists) };
  const { time_to_live: seconds, priority } = former;
  const android = {
    ...pick(former, { collapse_key: 'collapse_key', restricted_package_name: 'restricted_package_name' }),
    ...(typeof seconds === 'number' && { ttl: `${seconds}s` }),
    ...(typeof priority === 'string' && { priority: priority.toUpperCase() }),
    ...(Object.keys(onAndroid).length > 0 && { notification: onAndroid }),
  };
  return {
    ...(Object.keys(shared).length > 0 && { notification: shared }),
    ...(isObject(former.data) && { data: former.data }),
    ...(Object.keys(android).length > 0 && { android }),
  };
}

/** The members that are there, under their new names. */
function pick(source: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, renamed]) => (source[name] === undefined ? [] : [[renamed, source[name]]])),
  );
}
