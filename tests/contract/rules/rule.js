// Rules of one kind, each a test of its own against one running server.
import { randomUUID } from "node:crypto";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start } from "../events.js";
import { Server } from "../server.js";
import { Wire, reply } from "./wire.js";

const PATIENCE_MS = 30_000;

/** Those who want to join say who they are. */
export const WHO = { device_id: randomUUID(), client_version: "1.0.0" };

/**
 * `tell` is given `rule(section, name, check)`, where `check` is given a stand; the sections are
 * those of docs/TESTING.md.
 */
export function rules(kind, tell, environment = {}) {
  describe(kind, () => {
    let server;
    before(async () => {
      server = await Server.start(environment);
    });
    after(() => server.remove());
    tell((section, name, check, patience = PATIENCE_MS) => {
      test(`${section} ${name}`, { timeout: patience }, async () => {
        const stand = new Stand(server);
        try {
          await check(stand);
        } finally {
          stand.end();
        }
      });
    });
  });
}

/** The running server, and the sockets that a rule opens. */
class Stand {
  #wires = [];

  constructor(server) {
    this.server = server;
  }

  account() {
    return this.server.account();
  }

  async wire(account) {
    const wire = await Wire.open(this.server, (account ?? (await this.account())).token);
    this.#wires.push(wire);
    return wire;
  }

  /** A socket that has joined its account's topic as "1", which it has as `topic`. */
  async joined(account) {
    account ??= await this.account();
    const wire = await this.wire(account);
    wire.account = account;
    wire.topic = account.channel;
    await join(wire, "1");
    return wire;
  }

  end() {
    for (const wire of this.#wires) wire.socket.terminate();
  }
}

/** Joins the wire's topic; the next message has to be the reply. */
export async function join(wire, ref) {
  wire.send([ref, ref, wire.topic, "phx_join", WHO]);
  const frame = await wire.frame();
  assert.deepEqual(frame, reply(ref, ref, wire.topic, "ok", frame[4].response));
  return frame[4].response;
}

/** Asks for the time; the next message has to be the answer. */
export async function isAlive(wire, joinRef = "1", answeredAs = joinRef) {
  const ref = randomUUID();
  wire.send([joinRef, ref, wire.topic, "ping", { sent_at: 0 }]);
  const frame = await wire.frame();
  assert.ok(Number.isInteger(frame[4].response.server_time), JSON.stringify(frame));
  const { server_time } = frame[4].response;
  assert.deepEqual(frame, reply(answeredAs, ref, wire.topic, "ok", { server_time }));
}

/** A push that changes something and says so. */
export function change(joinRef, ref, topic) {
  return [joinRef, ref, topic, "BULK_EVENT", { events: [start(randomUUID(), 1_000)] }];
}

/** What all who joined are told of it. */
export function news(topic, cursor) {
  const msg = "a `BULK_EVENT` event processed";
  return [null, null, topic, "NEED_TO_UPDATE_TIME_ENTRIES", { cursor, msg }];
}
