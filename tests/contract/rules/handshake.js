// HTTP requests for WebSocket handshakes.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";

export const PATH = "/socket/websocket";

/** Headers of an upgrade request. */
export function upgrade(headers = {}) {
  return {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    ...headers,
  };
}

/** The response: `{ status, headers, body }`. An opened socket is destroyed. */
export function send(server, target, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.http}${target}`, { method, headers, agent: false });
    outgoing.on("error", reject);
    outgoing.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode, headers: response.headers, body: "" });
    });
    outgoing.on("response", async (response) => {
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    outgoing.end();
  });
}

/** The subprotocol with a token, as sent by phoenix.js 1.8. */
export function bearer(token) {
  return `base64url.bearer.phx.${btoa(token).replaceAll("=", "")}`;
}

/** Each of `cases`, `[input, status]`, is answered with that status. */
export async function answers(cases, request) {
  for (const [input, status] of cases) {
    const answer = await request(input);
    assert.equal(answer.status, status, JSON.stringify(input));
    if (status === 403) {
      assert.equal(answer.body, "", "a rejection has no body");
    }
  }
}

/** A target that opens a socket of a new account. */
export async function good(server) {
  return `${PATH}?token=${(await server.account()).token}&vsn=2.0.0`;
}
