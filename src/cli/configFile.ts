/**
 * The configuration file: the settings under their names on the command line, without the dashes, and `queues:`.
 *
 *     port: 4566
 *     data-dir: /var/lib/posthorn
 *     queues:
 *       - name: orders
 *         attributes:
 *           VisibilityTimeout: 60
 *         tags: { team: billing }
 */
import { SettingsError, type TextRule } from './setting.ts';
import { fromFile, type Given, keyName, unknownName } from './sources.ts';
import { type Entry, parseYaml, type Tree, toPlain } from './yamlTree.ts';

/** A queue to create, as the file describes it. Whether its attributes are possible, CreateQueue decides. */
export interface SeedQueue {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly accountId?: string;
  readonly region?: string;
}

export interface ConfigFile {
  readonly settings: ReadonlyMap<string, Given>;
  readonly queues: readonly SeedQueue[];
}

export interface ConfigShape {
  /** The settings that the file may hold, as the program names them. */
  readonly keys: readonly string[];
  /** Those of them that may be a map; each pair becomes a line `name=value`. */
  readonly maps?: readonly string[];
  readonly rules: QueueRules;
}

interface QueueRules {
  readonly accountId: TextRule;
  readonly region: TextRule;
}

type ReadFile = (path: string) => Promise<string>;

export async function readConfigFile(given: Given, readFile: ReadFile, shape: ConfigShape): Promise<ConfigFile> {
  const path = given.text;
  const tree = await parseYaml(path, await contentOf(given, readFile));
  const settings = new Map<string, Given>();
  const queues: SeedQueue[] = [];
  if (tree === undefined) return { settings, queues };
  if (tree.kind !== 'map') throw new SettingsError(`${path} must be a list of settings such as "port: 4566".`);
  const byKey = new Map(shape.keys.map((name) => [keyName(name), name]));
  for (const entry of tree.entries) {
    const place = placeOf(path, entry);
    if (entry.key === 'queues') {
      queues.push(...queuesOf(path, entry, shape.rules));
      continue;
    }
    const name = byKey.get(entry.key);
    if (name === undefined) refuseKey(path, entry, 'a setting', [...byKey.keys(), 'queues']);
    else
      settings.set(name, {
        text: settingText(place, entry, shape.maps?.includes(name) === true),
        label: place,
        source: fromFile,
      });
  }
  return { settings, queues };
}

async function contentOf({ text: path, label }: Given, readFile: ReadFile): Promise<string> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(
      missing
        ? `${label} names ${path}, which does not exist.`
        : `${label} names ${path}, which can't be read: ${reason}`,
    );
  }
}

function queuesOf(path: string, entry: Entry, rules: QueueRules): SeedQueue[] {
  const { value } = entry;
  if (value.kind === 'text' && value.text === '') return [];
  if (value.kind !== 'list') {
    throw new SettingsError(`${placeOf(path, entry)} must be a list whose entries begin with "- name:".`);
  }
  const seen = new Set<string>();
  return value.items.map((item) => {
    const queue = queueOf(path, item, rules);
    const identity = `${queue.accountId}/${queue.region}/${queue.name}`;
    if (seen.has(identity)) {
      throw new SettingsError(`${path}, line ${item.line}: the queue ${queue.name} is in the list twice.`);
    }
    seen.add(identity);
    return queue;
  });
}

function queueOf(path: string, item: Tree, rules: QueueRules): SeedQueue {
  if (item.kind !== 'map') {
    throw new SettingsError(`${path}, line ${item.line}: a queue must begin with "- name:".`);
  }
  const queue: { -readonly [Key in keyof SeedQueue]: SeedQueue[Key] } = { name: '' };
  for (const entry of item.entries) {
    const place = placeOf(path, entry);
    if (entry.key === 'name') queue.name = textOf(place, entry.value);
    else if (entry.key === 'attributes') queue.attributes = textsOf(place, entry.value, toPlain);
    else if (entry.key === 'tags') queue.tags = textsOf(place, entry.value);
    else if (entry.key === 'account-id') queue.accountId = ruledText(place, entry.value, rules.accountId);
    else if (entry.key === 'region') queue.region = ruledText(place, entry.value, rules.region);
    else refuseKey(path, entry, 'known of a queue', ['name', 'attributes', 'tags', 'account-id', 'region']);
  }
  if (queue.name === '') throw new SettingsError(`${path}, line ${item.line}: this queue has no name.`);
  return queue;
}

function refuseKey(path: string, entry: Entry, kind: string, keys: readonly string[]): never {
  throw new SettingsError(`${path}, line ${entry.line}: ${unknownName(entry.key, kind, keys)}`);
}

function placeOf(path: string, { key, line }: Entry): string {
  return `${path}, line ${line}: ${key}`;
}

function textOf(place: string, tree: Tree): string {
  if (tree.kind !== 'text') throw new SettingsError(`${place} must be a single value.`);
  return tree.text;
}

function settingText(place: string, { value }: Entry, mayBeMap: boolean): string {
  if (!mayBeMap || value.kind !== 'map') return textOf(place, value);
  return Object.entries(textsOf(place, value))
    .map((pair) => pair.join('='))
    .join('\n');
}

function ruledText(place: string, tree: Tree, rule: TextRule): string {
  const text = textOf(place, tree);
  const value = rule.normalize(text);
  if (value === undefined) throw new SettingsError(`${place} is ${JSON.stringify(text)}, but must be ${rule.allowed}.`);
  return value;
}

/** Values that are not texts are allowed with `nested`: RedrivePolicy may be a YAML map, and is sent as JSON. */
function textsOf(place: string, tree: Tree, nested?: (tree: Tree) => unknown): Record<string, string> {
  if (tree.kind !== 'map') throw new SettingsError(`${place} must be a map of names and values.`);
  const texts = tree.entries.map(({ key, value }) => {
    if (value.kind !== 'text' && nested !== undefined) return [key, JSON.stringify(nested(value))] as const;
    return [key, textOf(`${place}: ${key}`, value)] as const;
  });
  return Object.fromEntries(texts);
}
