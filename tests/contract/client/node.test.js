// The unmodified clients under Node.
import { after, before, describe, test } from "node:test";
import * as phoenix18 from "phoenix";
import * as phoenix17 from "phoenix-1-7";
import { WebSocket } from "ws";
import { Control } from "./control.js";
import { featuresOf, tryFeature } from "./suite.js";

const TIMEOUT_MS = 30_000;

for (const [version, phoenix] of [["1.8.16", phoenix18], ["1.7.21", phoenix17]]) {
  describe(`phoenix ${version} in Node`, () => {
    let server;
    before(async () => {
      server = await Control.start();
    });
    after(() => server.end());
    for (const name of featuresOf(version, false)) {
      test(`§4 ${name}`, { timeout: TIMEOUT_MS }, () => {
        return tryFeature(name, { phoenix, version, server, transport: WebSocket });
      });
    }
  });
}
