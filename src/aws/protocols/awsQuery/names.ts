/**
 * Names of the Query protocol, the same in parameters and in XML answers. A flattened list or map has no name of its
 * own: its elements carry the member's (`Attribute.1.Name`). Others have a name, and their elements one below it
 * (`Tags.member.1.Key`, `Attributes.entry.1.key`).
 */

import type { ListShape, MapShape, Member, Shape } from '../../contract.ts';

export function isFlattened(member: Member, shape: ListShape | MapShape): boolean {
  return member.flattened === true || shape.flattened === true;
}

export function wireName(name: string, member: Member, shape: Shape): string {
  if (member.locationName !== undefined) return member.locationName;
  // Older models name a flattened list by its element.
  if (shape.type === 'list' && isFlattened(member, shape)) return shape.member.locationName ?? name;
  return name;
}

export function elementName(shape: ListShape): string {
  return shape.member.locationName ?? 'member';
}

export function keyName(shape: MapShape): string {
  return shape.key.locationName ?? 'key';
}

export function valueName(shape: MapShape): string {
  return shape.value.locationName ?? 'value';
}
