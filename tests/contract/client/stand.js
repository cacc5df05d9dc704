// What a feature of the client is tried with, in Node and in a page: `phoenix` is the unmodified
// module, `server` the running server behind a wire that can be cut.
import { inbox } from "../inbox.js";

export const WHO = { device_id: crypto.randomUUID(), client_version: "1.0.0" };

/** Short, so that nobody waits for what the protocol does not need, in milliseconds. */
const RETRY_MS = 20;

export class Stand {
  #sockets = [];

  /** `transport` is for where there is no WebSocket by itself. */
  constructor({ phoenix, server, transport }) {
    Object.assign(this, { phoenix, server, transport });
  }

  /** A socket that is not connected; what happens to it lies in its inboxes. */
  socket(options = {}, endPoint = this.server.socket) {
    const socket = new this.phoenix.Socket(endPoint, {
      ...(this.transport && { transport: this.transport }),
      reconnectAfterMs: () => RETRY_MS,
      rejoinAfterMs: () => RETRY_MS,
      ...options,
    });
    this.#sockets.push(socket);
    socket.opens = inbox();
    socket.closes = inbox();
    socket.onOpen(() => socket.opens.put(true));
    socket.onClose((event) => socket.closes.put(event));
    return socket;
  }

  /** A socket that is open. */
  async open(account, options = {}) {
    const socket = this.socket({ params: { token: account.token }, ...options });
    socket.connect();
    await socket.opens.take();
    return socket;
  }

  /** A channel of the account's topic; every answer to its joins lies in `joins`. */
  channel(socket, account, params = WHO) {
    const channel = socket.channel(account.channel, params);
    channel.joins = inbox();
    channel.errors = inbox();
    channel.closes = inbox();
    channel.onError((reason) => channel.errors.put(reason));
    channel.onClose((reason) => channel.closes.put(reason));
    return channel;
  }

  /** Joins, now and after every trouble. */
  join(channel, timeout) {
    const push = channel.join(timeout);
    for (const status of ["ok", "error", "timeout"]) {
      push.receive(status, (response) => channel.joins.put({ status, response }));
    }
    return channel.joins.take();
  }

  /** A channel that is joined, on a socket of its own. */
  async joined(account, options = {}) {
    const socket = await this.open(account, options);
    const channel = this.channel(socket, account);
    const { status, response } = await this.join(channel);
    equal(status, "ok");
    channel.reply = response;
    return channel;
  }

  async end() {
    await this.server.mend();
    await Promise.all(this.#sockets.map((it) => new Promise((done) => it.disconnect(done))));
  }
}

/** What a push comes to: `{ status, response }`. */
export function answer(push) {
  return new Promise((resolve) => {
    for (const status of ["ok", "error", "timeout"]) {
      push.receive(status, (response) => resolve({ status, response }));
    }
  });
}

/** The response of a push that is answered with `ok`. */
export async function ok(push) {
  const { status, response } = await answer(push);
  equal(status, "ok", JSON.stringify(response));
  return response;
}

/** The reason that a push is refused for. */
export async function refused(push) {
  const { status, response } = await answer(push);
  equal(status, "error", JSON.stringify(response));
  return response.reason;
}

/** Whether two values are the same JSON. */
export function equal(seen, expected, told = "") {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${left} is not ${right} ${told}`);
}

export function throws(run, word) {
  try {
    run();
  } catch (error) {
    if (String(error).includes(word)) return;
    throw error;
  }
  throw new Error(`nothing was thrown that says "${word}"`);
}

export const time = (channel, timeout) => channel.push("ping", { sent_at: 0 }, timeout);
