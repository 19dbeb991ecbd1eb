import { json, type Page, PageRefusal } from './page.ts';

type MaybePromise<T> = T | Promise<T>;

/** The rules by which the edge makes calls fail; what a rule is, the edge says. A promise resolves when the rule holds everywhere. */
export interface FaultRules {
  add(given: unknown): MaybePromise<object | { readonly problem: string }>;
  list(): readonly object[];
  /** Removes the rule of that id, or all; says how many those were. */
  remove(id?: string): MaybePromise<number>;
}

export function faultPages(faults: FaultRules): Page[] {
  return [
    {
      path: /^\/_posthorn\/faults$/,
      methods: {
        GET: () => json({ faults: faults.list() }),
        POST: async ({ json: readBody }) => {
          const added = await faults.add(await readBody());
          if ('problem' in added) throw new PageRefusal(400, added.problem);
          return json(added, 201);
        },
        DELETE: async () => json({ removed: await faults.remove() }),
      },
    },
    {
      path: /^\/_posthorn\/faults\/([^/]+)$/,
      methods: {
        DELETE: async ({ segments: [id = ''] }) => {
          const removed = await faults.remove(id);
          if (removed === 0) throw new PageRefusal(404, `There is no fault rule with the id "${id}".`);
          return json({ removed });
        },
      },
    },
  ];
}
