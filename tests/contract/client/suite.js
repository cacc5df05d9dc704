// Every public feature of the client, by name: in Node and in a page the same.
import { start } from "../events.js";
import { channel } from "./features/channel.js";
import { page, since18, socket } from "./features/socket.js";
import { Stand } from "./stand.js";

/** The versions, and whether they have all that 1.8 has. */
export const VERSIONS = { "1.8.16": true, "1.7.21": false };

/** The names of what there is to try. */
export function featuresOf(version, isPage) {
  return Object.keys(features(version, isPage));
}

/** Tries one of them; throws if it does not work. */
export async function tryFeature(name, { phoenix, version, server, transport, isPage }) {
  const stand = new Stand({ phoenix, server, transport });
  stand.events = async () => [start(crypto.randomUUID(), 1_000)];
  try {
    await features(version, isPage)[name](stand);
  } finally {
    await stand.end();
  }
}

function features(version, isPage) {
  return { ...socket, ...(VERSIONS[version] && since18), ...(isPage && page), ...channel };
}
