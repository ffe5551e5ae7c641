// npm run sim:mutants: every mutant, and the number of seeds it took to catch it. Exits with 1 where one got away.

import { runMutant } from './mutant-runner.ts';
import { mutants } from './mutants.ts';

let escaped = 0;
const only = process.argv.slice(2);
console.log('| mutant | caught by | seeds |\n|---|---|---|');
for (const mutant of mutants) {
  if (only.length > 0 && !only.some((word) => mutant.name.includes(word))) continue;
  const { seeds, invariant, output } = await runMutant(mutant);
  console.log(`| ${mutant.name} | ${invariant ?? 'NOTHING'} | ${seeds ?? '-'} |`);
  if (seeds !== null) continue;
  escaped++;
  console.log(output.slice(-2_000));
}
process.exitCode = escaped > 0 ? 1 : 0;
