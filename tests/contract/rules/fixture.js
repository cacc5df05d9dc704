// Groups of rules, each rule a test against a running server.
import { randomUUID } from "node:crypto";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start } from "../events.js";
import { Server } from "../server.js";
import { RawSocket, reply } from "./raw_socket.js";

const TIMEOUT_MS = 30_000;

/** Parameters of a join. */
export const JOIN_PARAMS = { device_id: randomUUID(), client_version: "1.0.0" };

/**
 * Defines a group of rules. `define` receives `rule(section, name, check)`; `check` receives a
 * fixture. The sections are those of docs/TESTING.md.
 */
export function rules(kind, define, environment = {}) {
  describe(kind, () => {
    let server;
    before(async () => {
      server = await Server.start(environment);
    });
    after(() => server.remove());
    define((section, name, check, timeout = TIMEOUT_MS) => {
      test(`${section} ${name}`, { timeout: timeout }, async () => {
        const fixture = new Fixture(server);
        try {
          await check(fixture);
        } finally {
          fixture.end();
        }
      });
    });
  });
}

/** The running server and the sockets of a test. */
class Fixture {
  #sockets = [];

  constructor(server) {
    this.server = server;
  }

  account() {
    return this.server.account();
  }

  async socket(account) {
    const socket = await RawSocket.open(this.server, (account ?? (await this.account())).token);
    this.#sockets.push(socket);
    return socket;
  }

  /** A socket that has joined `topic`, the topic of its account, with join_ref "1". */
  async joined(account) {
    account ??= await this.account();
    const socket = await this.socket(account);
    socket.account = account;
    socket.topic = account.channel;
    await join(socket, "1");
    return socket;
  }

  end() {
    for (const socket of this.#sockets) socket.ws.terminate();
  }
}

/** Joins the topic of the socket; the next message must be the reply. */
export async function join(socket, ref) {
  socket.send([ref, ref, socket.topic, "phx_join", JOIN_PARAMS]);
  const frame = await socket.frame();
  assert.deepEqual(frame, reply(ref, ref, socket.topic, "ok", frame[4].response));
  return frame[4].response;
}

/** Pings the channel; the next message must be the reply. */
export async function isAlive(socket, joinRef = "1", answeredAs = joinRef) {
  const ref = randomUUID();
  socket.send([joinRef, ref, socket.topic, "ping", { sent_at: 0 }]);
  const frame = await socket.frame();
  assert.ok(Number.isInteger(frame[4].response.server_time), JSON.stringify(frame));
  const { server_time } = frame[4].response;
  assert.deepEqual(frame, reply(answeredAs, ref, socket.topic, "ok", { server_time }));
}

/** A push that appends an event. */
export function change(joinRef, ref, topic) {
  return [joinRef, ref, topic, "BULK_EVENT", { events: [start(randomUUID(), 1_000)] }];
}

/** The broadcast after an append, without the text for developers. */
export function broadcast(topic, cursor) {
  return [null, null, topic, "NEED_TO_UPDATE_TIME_ENTRIES", { cursor }];
}
