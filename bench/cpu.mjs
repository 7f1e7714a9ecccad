/** CPU milliseconds that a call of `work` takes, of the fastest of so many rounds of calls. */
export function leastCpuMs(work, { rounds, calls }) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) work();
    const spent = process.cpuUsage(before);
    least = Math.min(least, (spent.user + spent.system) / 1000 / calls);
  }
  return least;
}
