// A device: a socket of the unmodified client, with promises instead of callbacks.
import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { inbox } from "./inbox.js";

export class Device {
  constructor(phoenix, server, params, options = {}) {
    this.phoenix = phoenix;
    this.closes = inbox();
    this.opens = inbox();
    this.broadcasts = inbox();
    this.joins = inbox();
    this.socket = new phoenix.Socket(server.socket, {
      transport: WebSocket,
      params,
      reconnectAfterMs: () => 20,
      rejoinAfterMs: () => 20,
      ...options,
    });
    this.socket.onOpen(() => this.opens.put(true));
    this.socket.onClose((event) => this.closes.put(event));
    this.socket.onError(() => {});
  }

  connect() {
    this.socket.connect();
    return this.opens.take();
  }

  channel(topic, params = { device_id: randomUUID(), client_version: "1.0.0" }) {
    const channel = this.socket.channel(topic, params);
    channel.on("NEED_TO_UPDATE_TIME_ENTRIES", (message) => this.broadcasts.put(message));
    return channel;
  }

  /** Connects and joins; the reply to the join is `reply`. */
  static async joined(phoenix, server, account) {
    const device = new Device(phoenix, server, { token: account.token });
    await device.connect();
    device.joined = device.channel(account.channel);
    // The callbacks are called again at every rejoin.
    const join = device.joined.join().receive("ok", (reply) => device.joins.put(reply));
    join.receive("error", (reply) => device.joins.put(reply));
    device.reply = await device.joins.take();
    return device;
  }

  push(event, payload) {
    return this.joined.push(event, payload);
  }

  bulk(...events) {
    return this.push("BULK_EVENT", { events });
  }

  latest(request) {
    return this.push("GET_LATEST_TIME_ENTRIES", { epoch: null, since: 0, limit: 100, ...request });
  }

  close() {
    return new Promise((resolve) => this.socket.disconnect(resolve));
  }
}

/** The response of a push; fails unless its status is ok. */
export function ok(push) {
  return answer(push, "ok");
}

/** The response of a push; fails unless its status is error. */
export function refused(push) {
  return answer(push, "error");
}

function answer(push, expected) {
  return new Promise((resolve, reject) => {
    for (const status of ["ok", "error", "timeout"]) {
      const wrong = (response) => reject(new Error(`${status}: ${JSON.stringify(response)}`));
      push.receive(status, status === expected ? resolve : wrong);
    }
  });
}
