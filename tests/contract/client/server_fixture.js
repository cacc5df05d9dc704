// Fixture of the feature tests, in Node and in a page: `phoenix` is the unmodified module, `server`
// the running server behind a fault-injecting proxy.
import { inbox } from "../inbox.js";

export const JOIN_PARAMS = { device_id: crypto.randomUUID(), client_version: "1.0.0" };

/** Delay before reconnecting and rejoining. */
const RETRY_MS = 20;

export class ServerFixture {
  #sockets = [];

  /** `transport` is the WebSocket class of environments without a global one. */
  constructor({ phoenix, server, transport }) {
    Object.assign(this, { phoenix, server, transport });
  }

  /** An unconnected socket whose events are put into its inboxes. */
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

  /** An open socket. */
  async open(account, options = {}) {
    const socket = this.socket({ params: { token: account.token }, ...options });
    socket.connect();
    await socket.opens.take();
    return socket;
  }

  /** A channel of the account's topic; replies to its joins are put into `joins`. */
  channel(socket, account, params = JOIN_PARAMS) {
    const channel = socket.channel(account.channel, params);
    channel.joins = inbox();
    channel.errors = inbox();
    channel.closes = inbox();
    channel.onError((reason) => channel.errors.put(reason));
    channel.onClose((reason) => channel.closes.put(reason));
    return channel;
  }

  /** Joins, and rejoins after each failure. */
  join(channel, timeout) {
    const push = channel.join(timeout);
    for (const status of ["ok", "error", "timeout"]) {
      push.receive(status, (response) => channel.joins.put({ status, response }));
    }
    return channel.joins.take();
  }

  /** A joined channel on its own socket. */
  async joined(account, options = {}) {
    const socket = await this.open(account, options);
    const channel = this.channel(socket, account);
    const { status, response } = await this.join(channel);
    equal(status, "ok");
    channel.reply = response;
    return channel;
  }

  async end() {
    await this.server.heal();
    await Promise.all(this.#sockets.map((it) => new Promise((done) => it.disconnect(done))));
  }
}

/** The outcome of a push: `{ status, response }`. */
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

/** The reason of a rejected push. */
export async function refused(push) {
  const { status, response } = await answer(push);
  equal(status, "error", JSON.stringify(response));
  return response.reason;
}

/** Fails unless two values are equal as JSON. */
export function equal(seen, expected, message = "") {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${left} is not ${right} ${message}`);
}

export function throws(run, word) {
  try {
    run();
  } catch (error) {
    if (String(error).includes(word)) return;
    throw error;
  }
  throw new Error(`no error contains "${word}"`);
}

export const time = (channel, timeout) => channel.push("ping", { sent_at: 0 }, timeout);
