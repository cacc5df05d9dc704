// The client's `Channel` and `Push`: joining, pushing, leaving.
import { inbox } from "../../inbox.js";
import { WHO, answer, equal, ok, refused, throws, time } from "../stand.js";

/** Pushes at once; the server lets so many wait. */
const PUSHES = 50;

const state = (channel) => {
  const names = ["isClosed", "isJoining", "isJoined", "isErrored", "isLeaving"];
  return names.filter((name) => channel[name]()).join();
};

export const channel = {
  "join before connect is sent as soon as the socket is open": async (stand) => {
    const account = await stand.server.account();
    const socket = stand.socket({ params: { token: account.token } });
    const channel = stand.channel(socket, account);
    equal(state(channel), "isClosed");
    const joined = stand.join(channel);
    equal(state(channel), "isJoining");
    socket.connect();
    const { status, response } = await joined;
    equal([status, response.cursor, state(channel)], ["ok", 0, "isJoined"]);
  },

  "join is once for a channel, and push only after it": async (stand) => {
    const account = await stand.server.account();
    const channel = stand.channel(await stand.open(account), account);
    throws(() => time(channel), "before joining");
    await stand.join(channel);
    throws(() => channel.join(), "multiple times");
  },

  "hooks that come late are called all the same": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    const push = time(channel);
    await ok(push);
    const { server_time } = await ok(push);
    equal(Number.isInteger(server_time), true);
    equal((await ok(channel.joinPush)).epoch, channel.reply.epoch);
  },

  "a refused join is tried again, with parameters read anew": async (stand) => {
    const account = await stand.server.account();
    let params = {};
    const channel = stand.channel(await stand.open(account), account, () => params);
    equal(await stand.join(channel), { status: "error", response: { reason: "malformed" } });
    equal(state(channel), "isErrored");
    equal((await channel.joins.take()).status, "error");
    params = WHO;
    let last = await channel.joins.take();
    while (last.status === "error") last = await channel.joins.take();
    equal([last.status, state(channel)], ["ok", "isJoined"]);
  },

  "a topic of somebody else or of no kind is refused, until leave": async (stand) => {
    const [account, other] = [await stand.server.account(), await stand.server.account()];
    const socket = await stand.open(account);
    for (const [topic, reason] of [
      [other.channel, "unauthorized"],
      ["rooms:1", "unmatched topic"],
    ]) {
      const channel = stand.channel(socket, { channel: topic });
      equal(await stand.join(channel), { status: "error", response: { reason } });
      channel.leave();
      equal(state(channel), "isClosed");
    }
  },

  "a join without an answer times out, and the next one counts": async (stand) => {
    const account = await stand.server.account();
    const channel = stand.channel(await stand.open(account), account);
    await stand.server.withhold();
    equal((await stand.join(channel, 200)).status, "timeout");
    equal(channel.isErrored() || channel.isJoining(), true);
    await stand.server.mend();
    let last = await channel.joins.take();
    while (last.status === "timeout") last = await channel.joins.take();
    equal([last.status, state(channel)], ["ok", "isJoined"]);
    await ok(time(channel));
  },

  "pushes before the join is answered wait, and keep their order": async (stand) => {
    const account = await stand.server.account();
    const channel = stand.channel(await stand.open(account), account);
    const answers = [];
    const joined = stand.join(channel).then(() => answers.push("join"));
    const pushes = ["one", "two", "three"].map((event) => {
      return refused(channel.push(event, {})).then(() => answers.push(event));
    });
    await Promise.all([joined, ...pushes]);
    equal(answers, ["join", "one", "two", "three"]);
  },

  "pushes without a link wait for it, or time out unsent": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    await stand.server.cut();
    await channel.errors.take();
    const events = await stand.events();
    const short = await answer(channel.push("BULK_EVENT", { events }, 50));
    equal(short.status, "timeout");
    const long = ok(time(channel));
    await stand.server.mend();
    await long;
    const request = { epoch: null, since: 0, limit: 1 };
    equal((await ok(channel.push("GET_LATEST_TIME_ENTRIES", request))).cursor, 0);
  },

  "push is answered with ok or error, by ref": async (stand) => {
    const channel = await stand.joined(await stand.server.account());
    const pushes = Array.from({ length: PUSHES }, (_, index) => {
      return index % 2 ? answer(time(channel)) : answer(channel.push(`event ${index}`, {}));
    });
    const statuses = (await Promise.all(pushes)).map(({ status }) => status);
    equal(statuses, Array.from({ length: PUSHES }, (_, index) => (index % 2 ? "ok" : "error")));
  },

  "a push without an answer times out, and a late answer is ignored": async (stand) => {
    const channel = await stand.joined(await stand.server.account());
    const heard = [];
    await stand.server.withhold();
    const push = time(channel, 100);
    for (const status of ["ok", "error"]) push.receive(status, () => heard.push(status));
    await new Promise((done) => push.receive("timeout", done));
    await stand.server.mend();
    await ok(time(channel));
    equal(heard, []);
  },

  "the socket's own timeout holds for joins and pushes": async (stand) => {
    const account = await stand.server.account();
    const socket = await stand.open(account, { timeout: 100 });
    const channel = stand.channel(socket, account);
    await stand.server.withhold();
    equal((await stand.join(channel)).status, "timeout");
    equal((await answer(time(channel))).status, "timeout");
  },

  "any JSON can be pushed": async (stand) => {
    const channel = await stand.joined(await stand.server.account());
    for (const payload of [[], "text", 7, true, { "é🕰": ["\u2028", null] }]) {
      equal(await refused(channel.push("é🕰", payload)), "unknown_event");
      equal(await refused(channel.push("BULK_EVENT", payload)), "malformed");
    }
  },

  "bytes can be pushed; no message here takes them": async (stand) => {
    const channel = await stand.joined(await stand.server.account());
    const bytes = new Uint8Array([1, 2, 3, 255]).buffer;
    equal(await refused(channel.push("BULK_EVENT", bytes)), "malformed");
    await ok(time(channel));
  },

  "on hears events until off, by ref or all": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    const NEWS = "NEED_TO_UPDATE_TIME_ENTRIES";
    const heard = [];
    const refs = ["a", "b", "c"].map((name) => channel.on(NEWS, () => heard.push(name)));
    const change = async () => ok(channel.push("BULK_EVENT", { events: await stand.events() }));
    await change();
    equal(heard.splice(0), ["a", "b", "c"]);
    channel.off(NEWS, refs[1]);
    await change();
    equal(heard.splice(0), ["a", "c"]);
    channel.off(NEWS);
    await change();
    equal(heard, []);
  },

  "onMessage sees each payload first and may change it": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    const cursors = inbox();
    channel.on("NEED_TO_UPDATE_TIME_ENTRIES", ({ cursor }) => cursors.put(cursor));
    channel.onMessage = (event, payload) => {
      return event.startsWith("NEED") ? { ...payload, cursor: payload.cursor + 100 } : payload;
    };
    await ok(channel.push("BULK_EVENT", { events: await stand.events() }));
    equal(await cursors.take(), 101);
  },

  "leave closes at once, ends the topic at the server, and can be undone": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    const { socket } = channel;
    const events = inbox();
    socket.onMessage(({ event }) => events.put(event));
    const left = ok(channel.leave());
    await left;
    await channel.closes.take();
    equal([state(channel), socket.channels.length], ["isClosed", 0]);
    equal([await events.take(), await events.take()], ["phx_reply", "phx_close"]);
    const again = stand.channel(socket, account);
    equal((await stand.join(again)).status, "ok");
    await ok(time(again));
  },

  "leave while the link is down is not undone when it is back": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    await stand.server.cut();
    await channel.errors.take();
    channel.leave();
    await stand.server.mend();
    await channel.socket.opens.take();
    await new Promise((done) => channel.socket.ping(done));
    equal([state(channel), channel.joins.size], ["isClosed", 0]);
  },

  "a second channel of a topic closes the first": async (stand) => {
    const account = await stand.server.account();
    const first = await stand.joined(account);
    const second = stand.channel(first.socket, account);
    const joined = stand.join(second);
    await first.closes.take();
    equal((await joined).status, "ok");
    equal([state(first), state(second)], ["isClosed", "isJoined"]);
    await ok(time(second));
  },

  "a channel that the server closes is closed, and is not joined again": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    // Another join of the same topic on the same connection, unseen by the client.
    const frame = ["77", "77", account.channel, "phx_join", WHO];
    channel.socket.conn.send(JSON.stringify(frame));
    await channel.closes.take();
    equal([state(channel), channel.joins.size], ["isClosed", 0]);
  },

  "an event that nobody knows leaves the channel joined": async (stand) => {
    const channel = await stand.joined(await stand.server.account());
    equal(await refused(channel.push("START_CLOCK", {})), "unknown_event");
    equal([state(channel), channel.errors.size], ["isJoined", 0]);
    await ok(time(channel));
  },
};
