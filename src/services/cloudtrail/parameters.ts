/** Inputs and outputs as a record shows them: the members that go on record, first letters small, times as CloudTrail writes them. */
import type { ServiceContract, Shape, StructureShape } from '#aws/contract';
import { fieldBytes } from './limits.ts';
import { attributeMaps, hiddenText, type RecordedMembers, recordedMembers } from './recordedMembers.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** Null where nothing is left, as CloudTrail has it. */
export function recordedParameters(
  contract: ServiceContract,
  shapeName: string | undefined,
  value: unknown,
): Parameters | null {
  if (shapeName === undefined || value === undefined || value === null) return null;
  const walk: Walk = { contract, members: recordedMembers(contract.service) };
  const found = pick(walk, shapeName, value, '');
  if (found === undefined) return null;
  const size = Buffer.byteLength(JSON.stringify(found));
  return size <= fieldBytes ? (found as Parameters) : { omitted: true, originalSize: size };
}

interface Walk {
  readonly contract: ServiceContract;
  readonly members: RecordedMembers;
}

/** `name`: of the member that leads here; elements of a list are judged by the list's. */
function pick(walk: Walk, shapeName: string, value: unknown, name: string): unknown {
  if (value === undefined || value === null) return undefined;
  if (walk.members.hidden.has(name)) return name === 'Endpoint' && isArn(value) ? value : hiddenText;
  const shape = walk.contract.shapes[shapeName];
  switch (shape?.type) {
    case 'structure':
      return pickMembers(walk, shape, value as object);
    case 'list': {
      const elements = (value as readonly unknown[]).map((each) => pick(walk, shape.member.shape, each, name));
      return some(elements.filter((each) => each !== undefined));
    }
    case 'map':
      return pickMap(walk, value as object, name);
    case 'string':
      return walk.members.kept.has(name) || isOfEnum(shape, value) ? String(value) : undefined;
    case 'timestamp':
      return trailDate(value as number);
    case 'boolean':
      return value === true;
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return Number(value);
    default:
      return undefined;
  }
}

function pickMembers(walk: Walk, shape: StructureShape, value: object): unknown {
  const given = value as Readonly<Record<string, unknown>>;
  const found = Object.entries(shape.members).map(([name, member]) => {
    if (name === 'AttributeName' && 'AttributeValue' in shape.members && !isKnownAttribute(walk, given[name])) {
      return [name, undefined] as const;
    }
    if (name === 'AttributeValue' && 'AttributeName' in shape.members) {
      return [name, attributeValue(walk, given.AttributeName, given[name])] as const;
    }
    return [name, pick(walk, member.shape, given[name], name)] as const;
  });
  return fromEntries(found.map(([name, each]) => [smallFirst(name), each]));
}

function pickMap(walk: Walk, value: object, name: string): unknown {
  const isOfAttributes = attributeMaps.has(name);
  if (!isOfAttributes && !walk.members.kept.has(name)) return undefined;
  const entries = Object.entries(value).map(
    ([key, each]) => [key, isOfAttributes ? attributeValue(walk, key, each) : text(each)] as const,
  );
  return fromEntries(entries);
}

/** A name that is none is left out with its value: it may be anything. */
function isKnownAttribute({ members }: Walk, name: unknown): boolean {
  return typeof name === 'string' && (members.attributes.has(name) || members.hiddenAttributes.has(name));
}

function attributeValue({ members }: Walk, name: unknown, value: unknown): string | undefined {
  if (typeof name !== 'string' || value === undefined) return undefined;
  if (members.hiddenAttributes.has(name)) return hiddenText;
  return members.attributes.has(name) ? text(value) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** An endpoint that is an ARN is no person's address, and has no password in it. */
function isArn(value: unknown): boolean {
  return typeof value === 'string' && /^arn:aws[a-z-]*:[a-z]+:[a-z0-9-]*:\d{12}:[\w:/.-]+$/.test(value);
}

function isOfEnum(shape: Shape, value: unknown): boolean {
  return shape.type === 'string' && shape.enum?.includes(value as string) === true;
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function fromEntries(entries: readonly (readonly [string, unknown])[]): object | undefined {
  const present = entries.filter(([, value]) => value !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

function smallFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mar 24, 2014 9:11:59 PM`, UTC: inside of parameters and answers, times are written for people. */
export function trailDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return '';
  const hours = date.getUTCHours();
  const clock = [hours % 12 === 0 ? 12 : hours % 12, twoDigits(date.getUTCMinutes()), twoDigits(date.getUTCSeconds())];
  const day = `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return `${day} ${clock.join(':')} ${hours < 12 ? 'AM' : 'PM'}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
