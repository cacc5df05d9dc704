// One request for a socket, with just the headers that a rule is about.
import { randomBytes } from "node:crypto";
import { request } from "node:http";

/** The headers that make a request an upgrade. */
export function upgrade(headers = {}) {
  return {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    ...headers,
  };
}

/** What the server answers: `{ status, headers, body }`. A socket that opens is dropped. */
export function ask(server, target, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.http}${target}`, { method, headers, agent: false });
    asked.on("error", reject);
    asked.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode, headers: answer.headers, body: "" });
    });
    asked.on("response", async (answer) => {
      let body = "";
      for await (const chunk of answer.setEncoding("utf8")) body += chunk;
      resolve({ status: answer.statusCode, headers: answer.headers, body });
    });
    asked.end();
  });
}

/** The subprotocol that carries a token, as phoenix.js 1.8 writes it. */
export function bearer(token) {
  return `base64url.bearer.phx.${btoa(token).replaceAll("=", "")}`;
}
