import { type FilterableMessage, valuesAt } from './filterableMessage.ts';
import type { FilterPolicy, Requirement } from './filterPolicy.ts';
import type { Scalar } from './valuePattern.ts';

/**
 * Finds, among many policies, those that match a message, without asking all of them. A policy that wants exact values
 * of a property is kept under each of them, and only asked about messages that have one; the others are asked every
 * time. `Key` is what the caller knows a policy by, as a rule a subscription.
 */
export class FilterIndex<Key> {
  readonly #places = new Map<Key, Place<Key>>();
  /** Policies that require nothing exact. */
  readonly #others = new Map<Key, FilterPolicy>();
  readonly #properties = new Map<string, Property<Key>>();

  get size(): number {
    return this.#places.size;
  }

  /** Takes the place of the policy that the key had. */
  set(key: Key, policy: FilterPolicy): void {
    this.delete(key);
    const place = this.#choosePlace(policy);
    this.#places.set(key, place);
    for (const bucket of place.buckets) bucket.set(key, policy);
  }

  delete(key: Key): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    for (const bucket of place.buckets) bucket.delete(key);
    if (place.home !== undefined) this.#forgetEmptyBuckets(place.home);
    return true;
  }

  matching(message: FilterableMessage): Key[] {
    const found = new Set<Key>();
    collect(this.#others, message, found);
    for (const { scope, path, steps, buckets } of this.#properties.values()) {
      const values = scope === 'MessageBody' ? valuesAt(message.body, steps) : message.attributes.get(path);
      for (const value of values ?? []) collect(buckets.get(value), message, found);
    }
    return [...found];
  }

  /** Under the property where the fewest others are already, so that one which all policies share is not chosen. */
  #choosePlace({ scope, requirements }: FilterPolicy): Place<Key> {
    let best: { property: Property<Key>; requirement: Requirement; crowd: number } | undefined;
    for (const requirement of requirements) {
      const property = this.#propertyOf(scope, requirement.path);
      const crowd = [...requirement.values].reduce(
        (sum: number, value) => sum + (property.buckets.get(value)?.size ?? 0),
        0,
      );
      if (best === undefined || crowd < best.crowd) best = { property, requirement, crowd };
    }
    if (best === undefined) return { buckets: [this.#others] };
    const { property, requirement } = best;
    this.#properties.set(property.id, property);
    const buckets = [...requirement.values].map((value) => bucketOf(property, value));
    return { buckets, home: { property, values: requirement.values } };
  }

  #propertyOf(scope: FilterPolicy['scope'], path: string): Property<Key> {
    const id = `${scope} ${path}`;
    return this.#properties.get(id) ?? { id, scope, path, steps: path.split('.'), buckets: new Map() };
  }

  #forgetEmptyBuckets({ property: { id, buckets }, values }: Home<Key>): void {
    for (const value of values) if (buckets.get(value)?.size === 0) buckets.delete(value);
    if (buckets.size === 0) this.#properties.delete(id);
  }
}

type Bucket<Key> = Map<Key, FilterPolicy>;

interface Property<Key> {
  readonly id: string;
  readonly scope: FilterPolicy['scope'];
  readonly path: string;
  readonly steps: readonly string[];
  readonly buckets: Map<Scalar, Bucket<Key>>;
}

interface Place<Key> {
  readonly buckets: readonly Bucket<Key>[];
  /** Undefined of policies that require nothing exact. */
  readonly home?: Home<Key>;
}

interface Home<Key> {
  readonly property: Property<Key>;
  readonly values: ReadonlySet<Scalar>;
}

function bucketOf<Key>({ buckets }: Property<Key>, value: Scalar): Bucket<Key> {
  const bucket = buckets.get(value) ?? new Map<Key, FilterPolicy>();
  buckets.set(value, bucket);
  return bucket;
}

function collect<Key>(bucket: Bucket<Key> | undefined, message: FilterableMessage, found: Set<Key>): void {
  for (const [key, policy] of bucket ?? []) if (!found.has(key) && policy.matches(message)) found.add(key);
}
