/** What a person who has just started the server may want to do next. */
export function welcome(url: string, dataFolder: string): string {
  return `
Skald is ready at ${url}, data in ${dataFolder}

  push some logs    node dist/cli push /var/log/dpkg.log --label app=dpkg
  ask               node dist/cli query '{app="dpkg"} |= "install"' --since 30d
  see the plan      node dist/cli explain 'sum by (app) (count_over_time({app=~".+"}[5m]))'
  Grafana           add a Loki data source with the URL ${url}

Stop with Ctrl-C: what is in memory is then written to objects.
`;
}
