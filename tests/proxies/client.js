// A client of the server: requests and sockets, from a chosen address of this machine.
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";

/** A client that reaches the server at an origin, such as `https://localhost:8443`. */
export class Client {
  /** `base` is the path of the app. A trusted `ca` is the certificate of a proxy. */
  constructor({ origin, base, ca, host, from = "127.0.0.1" }) {
    Object.assign(this, { origin: new URL(origin), base, ca, from });
    this.host = host ?? this.origin.host;
  }

  /** A client with another address. */
  at(from) {
    return new Client({ ...this, from });
  }

  #options(headers) {
    return {
      host: "127.0.0.1",
      port: this.origin.port,
      localAddress: this.from,
      servername: "localhost",
      ca: this.ca,
      headers: { host: this.host, ...headers },
    };
  }

  /** Requests a path below the base. Returns status, headers and body. */
  async request(path, { method = "GET", headers = {}, body } = {}) {
    const { request } = this.origin.protocol === "https:" ? https : http;
    const sent = request({
      ...this.#options(headers),
      method,
      path: this.base + path,
      agent: false,
    });
    sent.end(body);
    const [response] = await once(sent, "response");
    const parts = [];
    for await (const part of response) parts.push(part);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
  }

  /** Calls the API as a page does. */
  async call(path, body, { token, headers = {} } = {}) {
    const bearer = token ? { authorization: `Bearer ${token}` } : {};
    const answer = await this.request(`api/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: `${this.origin.protocol}//${this.host}`,
        ...bearer,
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, ...JSON.parse(answer.body.toString() || "{}") };
  }

  /** Opens a socket; the token is a subprotocol, or else in the query. */
  async open({ bearer, query = "" }) {
    const server = `${this.origin.protocol.replace("http", "ws")}//${this.origin.host}${this.base}`;
    const encoded = bearer && Buffer.from(bearer).toString("base64").replaceAll("=", "");
    const protocols = bearer ? ["phoenix", `base64url.bearer.phx.${encoded}`] : [];
    const origin = `${this.origin.protocol}//${this.host}`;
    const options = { ...this.#options({}), origin };
    delete options.port;
    const socket = new WebSocket(`${server}socket/websocket?vsn=2.0.0${query}`, protocols, options);
    const failed = once(socket, "unexpected-response").then(([, response]) => {
      throw new Error(`the socket was refused with ${response.statusCode}`);
    });
    failed.catch(() => {});
    await Promise.race([once(socket, "open"), failed]);
    return new Channel(socket);
  }
}

/** A socket that pushes messages in the format of Phoenix. */
class Channel {
  #next = 1;

  constructor(socket) {
    this.socket = socket;
  }

  /** Pushes an event and returns the reply. */
  async push(topic, event, payload) {
    const reference = String(this.#next++);
    this.join ??= reference;
    const replied = this.#reply(reference);
    this.socket.send(JSON.stringify([this.join, reference, topic, event, payload]));
    return replied;
  }

  #reply(reference) {
    return new Promise((resolve, reject) => {
      this.socket.on("message", (data) => {
        const [, of, , , payload] = JSON.parse(data);
        if (of === reference) resolve(payload);
      });
      this.socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
    });
  }

  joined(topic) {
    return this.push(topic, "phx_join", { device_id: randomUUID(), client_version: "1.0.0" });
  }

  close() {
    this.socket.terminate();
  }
}

/** Events that create projects, written by a device. */
export function events(count) {
  const device_id = randomUUID();
  const writer_id = randomUUID();
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    device_id,
    writer_id,
    seq: index + 1,
    at: 1_700_000_000_000 + index,
    recorded_at: 1_700_000_000_000 + index,
    zone: "Europe/Berlin",
    v: 1,
    event_type: "CREATE_PROJECT",
    event: {
      project_id: randomUUID(),
      name: `Project ${index}`,
      color: "red",
      client_id: null,
      billable: false,
    },
  }));
}
