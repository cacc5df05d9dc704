// Accounts and data of the server, through its API and its socket.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { within } from "./until.js";

/** The most entities one page of the state may hold. */
const PAGE_MAX = 1000;

let accounts = 0;

/** Unused credentials. */
export function newAccount() {
  accounts += 1;
  return { email: `user${accounts}-${randomUUID()}@example.org`, password: "correct horse 7" };
}

/** Posts to the API; returns status and JSON. */
export async function post(server, path, body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const url = `${server.url}/api/${path}`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
}

/** Creates the account on a new device; returns the same as `signIn`. */
export async function signUp(server, { email, password }) {
  return enter(server, "sign_up", { email, password });
}

/** Signs in as a new device; returns `{ token, user_id, email, channel }`. */
export async function signIn(server, { email, password }) {
  return enter(server, "sign_in", { email, password });
}

async function enter(server, path, credentials) {
  const { status, body } = await post(server, path, { ...credentials, device_id: randomUUID() });
  if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Ends all sessions of the account. */
export async function signOutEverywhere(server, account) {
  const { token } = await signIn(server, account);
  const { status } = await post(server, "sign_out", { everywhere: true }, token);
  if (status !== 204) throw new Error(`sign out: ${status}`);
}

/** All confirmed data of the account. */
export async function serverState(server, account) {
  const channel = await Channel.join(server, await signIn(server, account));
  try {
    const state = { time_entries: [], projects: [], removed: [] };
    for (let since = 0, more = true; more; ) {
      const page = await channel.push("GET_LATEST_TIME_ENTRIES", {
        epoch: channel.reply.epoch,
        since,
        limit: PAGE_MAX,
      });
      for (const kind of Object.keys(state)) state[kind].push(...page[kind]);
      ({ cursor: since, more } = page);
      state.cursor = since;
    }
    return state;
  } finally {
    channel.close();
  }
}

/** A joined channel; frames are [join_ref, ref, topic, event, payload]. */
export class Channel {
  #socket;
  #topic;
  #refs = 0;
  #waiting = new Map();

  static async join(server, { token, channel }) {
    const joined = new Channel();
    const base = server.url.replace("http", "ws");
    const query = `token=${encodeURIComponent(token)}&vsn=2.0.0`;
    joined.#socket = new WebSocket(`${base}/socket/websocket?${query}`);
    joined.#topic = channel;
    joined.#socket.on("message", (data) => joined.#receive(data));
    await within("the socket opens", once(joined.#socket, "open"));
    joined.reply = await joined.push("phx_join", {
      device_id: randomUUID(),
      client_version: "e2e",
    });
    return joined;
  }

  /** Pushes an event; resolves with the response of ok, rejects with that of error. */
  push(event, payload) {
    this.#refs += 1;
    const ref = String(this.#refs);
    const answer = new Promise((resolve) => this.#waiting.set(ref, resolve)).then((reply) => {
      if (reply.status !== "ok") throw new Error(`${event}: ${JSON.stringify(reply.response)}`);
      return reply.response;
    });
    this.#socket.send(JSON.stringify(["1", ref, this.#topic, event, payload]));
    return within(`the reply to ${event}`, answer);
  }

  close() {
    this.#socket.close();
  }

  #receive(data) {
    const [, ref, , event, payload] = JSON.parse(data);
    if (event === "phx_reply") this.#waiting.get(ref)?.(payload);
  }
}
