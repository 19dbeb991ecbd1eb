import { json, type Page, PageRefusal } from './page.ts';

/** The rules by which the edge makes calls fail; what a rule is, the edge says. */
export interface FaultRules {
  add(given: unknown): object | { readonly problem: string };
  list(): readonly object[];
  /** Removes the rule of that id, or all; says how many those were. */
  remove(id?: string): number;
}

export function faultPages(faults: FaultRules): Page[] {
  return [
    {
      path: /^\/_posthorn\/faults$/,
      methods: {
        GET: () => json({ faults: faults.list() }),
        POST: async ({ json: readBody }) => {
          const added = faults.add(await readBody());
          if ('problem' in added) throw new PageRefusal(400, added.problem);
          return json(added, 201);
        },
        DELETE: () => json({ removed: faults.remove() }),
      },
    },
    {
      path: /^\/_posthorn\/faults\/([^/]+)$/,
      methods: {
        DELETE: ({ segments: [id = ''] }) => {
          const removed = faults.remove(id);
          if (removed === 0) throw new PageRefusal(404, `There is no fault rule with the id "${id}".`);
          return json({ removed });
        },
      },
    },
  ];
}
