/**
 * The rounds of a crash test. How long each life lasts is left to chance, which may cut all of the few that a test asks for
 * short; then there are more of them, until they have proved something.
 */
import { expect } from 'vitest';

/** How often the rounds have met something so far, and what that must exceed. */
export type Evidence = Readonly<Record<string, readonly [met: number, least: number]>>;

const furtherMax = 30;

/** Runs so many rounds, and up to `furtherMax` more while they have met too little. */
export async function runRounds(
  { seed, rounds, evidence }: { seed: number; rounds: number; evidence: () => Evidence },
  run: (round: number) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= rounds || (round <= rounds + furtherMax && lacking(evidence()).length > 0); round += 1) {
    await run(round).catch((error: Error) => {
      throw new Error(`seed ${seed}, round ${round}: ${error.message}`, { cause: error });
    });
  }
}

/** Else the rounds have proved nothing. */
export function expectEnough(evidence: Evidence): void {
  expect(lacking(evidence)).toEqual([]);
}

function lacking(evidence: Evidence): string[] {
  return Object.entries(evidence)
    .filter(([, [met, least]]) => met <= least)
    .map(([what, [met, least]]) => `${what}: ${met}, not more than ${least}`);
}
