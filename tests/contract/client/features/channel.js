// `Channel` and `Push` of the client: join, push, leave.
import { inbox } from "../../inbox.js";
import { JOIN_PARAMS, answer, equal, ok, refused, throws, time } from "../server_fixture.js";

/** Pushes at once, within the server's limit. */
const PUSHES = 50;

const state = (channel) => {
  const names = ["isClosed", "isJoining", "isJoined", "isErrored", "isLeaving"];
  return names.filter((name) => channel[name]()).join();
};

export const channel = {
  "join before connect is sent as soon as the socket is open": async (fixture) => {
    const account = await fixture.server.account();
    const socket = fixture.socket({ params: { token: account.token } });
    const channel = fixture.channel(socket, account);
    equal(state(channel), "isClosed");
    const joined = fixture.join(channel);
    equal(state(channel), "isJoining");
    socket.connect();
    const { status, response } = await joined;
    equal([status, response.cursor, state(channel)], ["ok", 0, "isJoined"]);
  },

  "join is once for a channel, and push only after it": async (fixture) => {
    const account = await fixture.server.account();
    const channel = fixture.channel(await fixture.open(account), account);
    throws(() => time(channel), "before joining");
    await fixture.join(channel);
    throws(() => channel.join(), "multiple times");
  },

  "callbacks that are added late are called": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    const push = time(channel);
    await ok(push);
    const { server_time } = await ok(push);
    equal(Number.isInteger(server_time), true);
    equal((await ok(channel.joinPush)).epoch, channel.reply.epoch);
  },

  "a rejected join is retried with newly evaluated parameters": async (fixture) => {
    const account = await fixture.server.account();
    let params = {};
    const channel = fixture.channel(await fixture.open(account), account, () => params);
    equal(await fixture.join(channel), { status: "error", response: { reason: "malformed" } });
    equal(state(channel), "isErrored");
    equal((await channel.joins.take()).status, "error");
    params = JOIN_PARAMS;
    let last = await channel.joins.take();
    while (last.status === "error") last = await channel.joins.take();
    equal([last.status, state(channel)], ["ok", "isJoined"]);
  },

  "a topic of another user or an unknown topic is rejected, until leave": async (fixture) => {
    const [account, other] = [await fixture.server.account(), await fixture.server.account()];
    const socket = await fixture.open(account);
    for (const [topic, reason] of [
      [other.channel, "unauthorized"],
      ["rooms:1", "unmatched topic"],
    ]) {
      const channel = fixture.channel(socket, { channel: topic });
      equal(await fixture.join(channel), { status: "error", response: { reason } });
      channel.leave();
      equal(state(channel), "isClosed");
    }
  },

  "a join without a reply times out, and the next one succeeds": async (fixture) => {
    const account = await fixture.server.account();
    const channel = fixture.channel(await fixture.open(account), account);
    await fixture.server.withhold();
    equal((await fixture.join(channel, 200)).status, "timeout");
    equal(channel.isErrored() || channel.isJoining(), true);
    await fixture.server.heal();
    let last = await channel.joins.take();
    while (last.status === "timeout") last = await channel.joins.take();
    equal([last.status, state(channel)], ["ok", "isJoined"]);
    await ok(time(channel));
  },

  "pushes before the reply to the join wait and keep their order": async (fixture) => {
    const account = await fixture.server.account();
    const channel = fixture.channel(await fixture.open(account), account);
    const answers = [];
    const joined = fixture.join(channel).then(() => answers.push("join"));
    const pushes = ["one", "two", "three"].map((event) => {
      return refused(channel.push(event, {})).then(() => answers.push(event));
    });
    await Promise.all([joined, ...pushes]);
    equal(answers, ["join", "one", "two", "three"]);
  },

  "pushes without a connection wait for it, or time out unsent": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    await fixture.server.cut();
    await channel.errors.take();
    const events = await fixture.events();
    const short = await answer(channel.push("BULK_EVENT", { events }, 50));
    equal(short.status, "timeout");
    const long = ok(time(channel));
    await fixture.server.heal();
    await long;
    const request = { epoch: null, since: 0, limit: 1 };
    equal((await ok(channel.push("GET_LATEST_TIME_ENTRIES", request))).cursor, 0);
  },

  "push is answered with ok or error, by ref": async (fixture) => {
    const channel = await fixture.joined(await fixture.server.account());
    const pushes = Array.from({ length: PUSHES }, (_, index) => {
      return index % 2 ? answer(time(channel)) : answer(channel.push(`event ${index}`, {}));
    });
    const statuses = (await Promise.all(pushes)).map(({ status }) => status);
    equal(statuses, Array.from({ length: PUSHES }, (_, index) => (index % 2 ? "ok" : "error")));
  },

  "a push without a reply times out, and a late reply is ignored": async (fixture) => {
    const channel = await fixture.joined(await fixture.server.account());
    const calls = [];
    await fixture.server.withhold();
    const push = time(channel, 100);
    for (const status of ["ok", "error"]) push.receive(status, () => calls.push(status));
    await new Promise((done) => push.receive("timeout", done));
    await fixture.server.heal();
    await ok(time(channel));
    equal(calls, []);
  },

  "the timeout of the socket applies to joins and pushes": async (fixture) => {
    const account = await fixture.server.account();
    const socket = await fixture.open(account, { timeout: 100 });
    const channel = fixture.channel(socket, account);
    await fixture.server.withhold();
    equal((await fixture.join(channel)).status, "timeout");
    equal((await answer(time(channel))).status, "timeout");
  },

  "any JSON can be pushed": async (fixture) => {
    const channel = await fixture.joined(await fixture.server.account());
    for (const payload of [[], "text", 7, true, { "é🕰": ["\u2028", null] }]) {
      equal(await refused(channel.push("é🕰", payload)), "unknown_event");
      equal(await refused(channel.push("BULK_EVENT", payload)), "malformed");
    }
  },

  "bytes can be pushed; every message rejects them": async (fixture) => {
    const channel = await fixture.joined(await fixture.server.account());
    const bytes = new Uint8Array([1, 2, 3, 255]).buffer;
    equal(await refused(channel.push("BULK_EVENT", bytes)), "malformed");
    await ok(time(channel));
  },

  "on receives events until off, by ref or all": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    const CHANGED = "NEED_TO_UPDATE_TIME_ENTRIES";
    const calls = [];
    const refs = ["a", "b", "c"].map((name) => channel.on(CHANGED, () => calls.push(name)));
    const change = async () => ok(channel.push("BULK_EVENT", { events: await fixture.events() }));
    await change();
    equal(calls.splice(0), ["a", "b", "c"]);
    channel.off(CHANGED, refs[1]);
    await change();
    equal(calls.splice(0), ["a", "c"]);
    channel.off(CHANGED);
    await change();
    equal(calls, []);
  },

  "onMessage sees each payload first and may change it": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    const cursors = inbox();
    channel.on("NEED_TO_UPDATE_TIME_ENTRIES", ({ cursor }) => cursors.put(cursor));
    channel.onMessage = (event, payload) => {
      return event.startsWith("NEED") ? { ...payload, cursor: payload.cursor + 100 } : payload;
    };
    await ok(channel.push("BULK_EVENT", { events: await fixture.events() }));
    equal(await cursors.take(), 101);
  },

  "leave closes at once, and the topic can be joined again": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    const { socket } = channel;
    const events = inbox();
    socket.onMessage(({ event }) => events.put(event));
    const left = ok(channel.leave());
    await left;
    await channel.closes.take();
    equal([state(channel), socket.channels.length], ["isClosed", 0]);
    equal([await events.take(), await events.take()], ["phx_reply", "phx_close"]);
    const again = fixture.channel(socket, account);
    equal((await fixture.join(again)).status, "ok");
    await ok(time(again));
  },

  "leave without a connection is not undone by a reconnect": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    await fixture.server.cut();
    await channel.errors.take();
    channel.leave();
    await fixture.server.heal();
    await channel.socket.opens.take();
    await new Promise((done) => channel.socket.ping(done));
    equal([state(channel), channel.joins.size], ["isClosed", 0]);
  },

  "a second channel of a topic closes the first": async (fixture) => {
    const account = await fixture.server.account();
    const first = await fixture.joined(account);
    const second = fixture.channel(first.socket, account);
    const joined = fixture.join(second);
    await first.closes.take();
    equal((await joined).status, "ok");
    equal([state(first), state(second)], ["isClosed", "isJoined"]);
    await ok(time(second));
  },

  "a channel closed by the server is not rejoined": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    // Another join of the same topic on the same connection, bypassing the client.
    const frame = ["77", "77", account.channel, "phx_join", JOIN_PARAMS];
    channel.socket.conn.send(JSON.stringify(frame));
    await channel.closes.take();
    equal([state(channel), channel.joins.size], ["isClosed", 0]);
  },

  "an unknown event leaves the channel joined": async (fixture) => {
    const channel = await fixture.joined(await fixture.server.account());
    equal(await refused(channel.push("START_CLOCK", {})), "unknown_event");
    equal([state(channel), channel.errors.size], ["isJoined", 0]);
    await ok(time(channel));
  },
};
