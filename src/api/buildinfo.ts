import { type Handler, json } from './exchange.js';

/** `GET /loki/api/v1/status/buildinfo`: Grafana reads the version to decide which features to offer. */
export const buildinfo: Handler = (_request, api) =>
  json(
    `${JSON.stringify({
      version: api.version,
      revision: '',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    })}\n`,
  );
