// An open socket that sends just what a rule says, and reads just what comes.
import { randomUUID } from "node:crypto";
import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { inbox } from "../inbox.js";

export class Wire {
  #texts = inbox();

  constructor(socket) {
    this.socket = socket;
    this.pongs = inbox();
    socket.on("message", (data, isBinary) => {
      this.#texts.put(isBinary ? data : data.toString("utf8"));
    });
    socket.on("pong", (data) => this.pongs.put(data.toString()));
    // An error is followed by the close.
    socket.on("error", () => {});
    /** The code that the server closed with; 1006 if it said none. */
    this.closed = once(socket, "close").then(([code]) => {
      this.#texts.put(new Error(`the socket was closed with ${code}`));
      return code;
    });
  }

  static async open(server, token) {
    const url = `${server.socket}/websocket?token=${token}&vsn=2.0.0`;
    const wire = new Wire(new WebSocket(url, { perMessageDeflate: false }));
    await once(wire.socket, "open");
    return wire;
  }

  /** Sends a frame given as a list, or a text or bytes as they are. */
  send(frame) {
    this.socket.send(Array.isArray(frame) ? JSON.stringify(frame) : frame);
  }

  /** The next message as it came. */
  async text() {
    const text = await this.#texts.take();
    if (text instanceof Error) throw text;
    assert.equal(typeof text, "string", "the server sends no binary frames");
    return text;
  }

  async frame() {
    return JSON.parse(await this.text());
  }

  /** The next message is this frame. */
  async hears(...frame) {
    assert.deepEqual(await this.frame(), frame);
  }

  /** All that was sent has been handled, and nothing more has been said about it. */
  async hearsNothing() {
    const ref = randomUUID();
    this.send([null, ref, "nowhere", "nothing", {}]);
    await this.hears(...unmatched(ref, "nowhere"));
  }
}

export function reply(joinRef, ref, topic, status, response) {
  return [joinRef, ref, topic, "phx_reply", { status, response }];
}

export function unmatched(ref, topic) {
  return reply(null, ref, topic, "error", { reason: "unmatched topic" });
}

export function closed(joinRef, topic) {
  return [joinRef, joinRef, topic, "phx_close", {}];
}
