/**
 * What it takes to go over to another ring when a member comes or goes, against building it anew with the package alone.
 *
 *   npm run build && node bench/micro/ring.mjs [rounds]
 *
 * CPU time of the best round of several. Fails where a hundred members gain less than five times.
 */
import HashRing from 'hashring';
import { hashRing } from '../../dist/actors/ring/ring.js';

const RATIO_MIN = 5;
const rounds = Number(process.argv[2] ?? 5);

for (const count of [3, 10, 100]) {
  const names = Array.from({ length: count }, (_, i) => `ingester-${i}`);
  hashRing(names);
  const ours = best(() => hashRing(names.slice(1)));
  const anew = best(() => new HashRing(names.slice(1), 'md5', { 'vnode count': 1500 }));
  console.log(
    `ring of ${String(count).padStart(3)}: ${ours.toFixed(1)} ms when a member goes, built anew ${anew.toFixed(1)} ms, ${(anew / ours).toFixed(0)} times that`,
  );
  if (count === 100 && anew < RATIO_MIN * ours) process.exitCode = 1;
}

function best(work) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
