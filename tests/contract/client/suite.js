// Tests of every public feature of the client, by name; the same in Node and in a page.
import { start } from "../events.js";
import { channel } from "./features/channel.js";
import { page, since18, socket } from "./features/socket.js";
import { ServerFixture } from "./server_fixture.js";

/** Versions, and whether they have the features of 1.8. */
export const VERSIONS = { "1.8.16": true, "1.7.21": false };

/** The names of the features. */
export function featuresOf(version, isPage) {
  return Object.keys(features(version, isPage));
}

/** Tests one feature; throws if it fails. */
export async function tryFeature(name, { phoenix, version, server, transport, isPage }) {
  const fixture = new ServerFixture({ phoenix, server, transport });
  fixture.events = async () => [start(crypto.randomUUID(), 1_000)];
  try {
    await features(version, isPage)[name](fixture);
  } finally {
    await fixture.end();
  }
}

function features(version, isPage) {
  return { ...socket, ...(VERSIONS[version] && since18), ...(isPage && page), ...channel };
}
