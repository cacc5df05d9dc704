// A WebSocket that sends arbitrary frames and returns received frames one by one.
import { randomUUID } from "node:crypto";
import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { inbox } from "../inbox.js";

export class RawSocket {
  #texts = inbox();

  constructor(ws) {
    this.ws = ws;
    this.pongs = inbox();
    ws.on("message", (data, isBinary) => {
      this.#texts.put(isBinary ? data : data.toString("utf8"));
    });
    ws.on("pong", (data) => this.pongs.put(data.toString()));
    // An error is followed by a close.
    ws.on("error", () => {});
    /** The close code of the server; 1006 without a close frame. */
    this.closed = once(ws, "close").then(([code]) => {
      this.#texts.put(new Error(`the socket was closed with ${code}`));
      return code;
    });
  }

  static async open(server, token) {
    const url = `${server.socket}/websocket?token=${token}&vsn=2.0.0`;
    const socket = new RawSocket(new WebSocket(url, { perMessageDeflate: false }));
    await once(socket.ws, "open");
    return socket;
  }

  /** Sends a frame: a list as JSON, text or bytes unchanged. */
  send(frame) {
    this.ws.send(Array.isArray(frame) ? JSON.stringify(frame) : frame);
  }

  /** The next message as text. */
  async text() {
    const text = await this.#texts.take();
    if (text instanceof Error) throw text;
    assert.equal(typeof text, "string", "the server sends no binary frames");
    return text;
  }

  /** The next message, without texts for developers: they are up to the server. */
  async frame() {
    const frame = JSON.parse(await this.text());
    if (frame[3] === "NEED_TO_UPDATE_TIME_ENTRIES") {
      assert.equal(typeof frame[4].msg, "string");
      delete frame[4].msg;
    }
    return frame;
  }

  /** Asserts that the next message is this frame. */
  async expect(...frame) {
    assert.deepEqual(await this.frame(), frame);
  }

  /** Asserts that the server has handled all frames and sent nothing else. */
  async expectNothing() {
    const ref = randomUUID();
    this.send([null, ref, "nowhere", "nothing", {}]);
    await this.expect(...unmatched(ref, "nowhere"));
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
