// `Socket` of the client: connect, disconnect, reconnect.
import { inbox } from "../../inbox.js";
import { answer, equal, ok, refused, time } from "../server_fixture.js";

/** Heartbeats that must be answered. */
const HEARTBEATS = 5;
/** Longer than a busy machine needs to answer. */
const HEARTBEAT_MS = 300;

export const socket = {
  "connect opens once and updates the state": async (fixture) => {
    const account = await fixture.server.account();
    const socket = fixture.socket({ params: { token: account.token } });
    equal([socket.connectionState(), socket.isConnected()], ["closed", false]);
    socket.connect();
    socket.connect();
    equal(socket.connectionState(), "connecting");
    await socket.opens.take();
    socket.connect();
    equal([socket.connectionState(), socket.isConnected()], ["open", true]);
    await new Promise((done) => socket.ping(done));
    equal(socket.opens.size, 0);
  },

  "the endpoint URL has the parameters and vsn 2.0.0": async (fixture) => {
    const socket = fixture.socket({ params: { token: "a b", more: { x: 1 } } }, "ws://h/socket");
    const query = "token=a%20b&more%5Bx%5D=1&vsn=2.0.0";
    equal(decodeURI(socket.endPointURL()), decodeURI(`ws://h/socket/websocket?${query}`));
  },

  "onOpen, onMessage, onClose and onError are called until off": async (fixture) => {
    const account = await fixture.server.account();
    const socket = await fixture.open(account);
    const calls = [];
    const kinds = ["onOpen", "onMessage", "onClose", "onError"];
    const refs = kinds.map((kind) => socket[kind](() => calls.push(kind)));
    const round = async () => {
      await new Promise((done) => socket.ping(done));
      await new Promise((done) => socket.disconnect(done));
      await socket.closes.take();
      socket.connect();
      await socket.opens.take();
    };
    await round();
    equal(calls, ["onMessage", "onClose", "onOpen"]);
    const error = new Promise((done) => socket.onError(done));
    await fixture.server.cut();
    await socket.closes.take();
    await error;
    equal(calls.includes("onError"), true);
    await fixture.server.heal();
    await socket.opens.take();
    socket.off(refs);
    const before = calls.length;
    await round();
    equal(calls.length, before);
  },

  "ping measures the round trip and needs a connection": async (fixture) => {
    const account = await fixture.server.account();
    const socket = fixture.socket({ params: { token: account.token } });
    equal(socket.ping(() => {}), false);
    socket.connect();
    await socket.opens.take();
    const ms = await new Promise((done) => equal(socket.ping(done), true));
    equal(ms >= 0 && ms < 10_000, true, `${ms} ms`);
  },

  "params are evaluated at every connect": async (fixture) => {
    const account = await fixture.server.account();
    let token = "wrong";
    let evaluations = 0;
    const params = () => {
      evaluations += 1;
      return { token };
    };
    const socket = fixture.socket({ params });
    socket.connect();
    await socket.closes.take();
    await socket.closes.take();
    equal(socket.opens.size, 0);
    token = account.token;
    await socket.opens.take();
    equal(evaluations >= 3, true, `${evaluations} evaluations`);
  },

  "a rejected token is retried like a lost connection": async (fixture) => {
    const tries = inbox();
    const reconnectAfterMs = (count) => {
      tries.put(count);
      return 1;
    };
    const socket = fixture.socket({ params: { token: "wrong" }, reconnectAfterMs });
    socket.connect();
    for (const count of [1, 2, 3]) {
      equal(await tries.take(), count);
      equal((await socket.closes.take()).code, 1006);
    }
    equal(socket.opens.size, 0);
  },

  "heartbeats are answered and keep the connection open": async (fixture) => {
    const account = await fixture.server.account();
    const beats = inbox();
    const socket = await fixture.open(account, { heartbeatIntervalMs: HEARTBEAT_MS });
    socket.onMessage(({ topic, event }) => topic === "phoenix" && beats.put(event));
    for (let beat = 0; beat < HEARTBEATS; beat += 1) equal(await beats.take(), "phx_reply");
    equal(socket.closes.size, 0);
  },

  "a heartbeat without a reply makes the client reconnect": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account, { heartbeatIntervalMs: HEARTBEAT_MS });
    await fixture.server.stall();
    await channel.errors.take();
    await fixture.server.reset();
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "disconnect sends its code and keeps the channels for connect": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    const { socket } = channel;
    await new Promise((done) => socket.disconnect(done, 4001, "reason"));
    const { code, wasClean } = await socket.closes.take();
    // Some servers answer every close with 1000.
    equal([[4001, 1000].includes(code), wasClean], [true, true], `${code}`);
    equal([socket.connectionState(), channel.isErrored()], ["closed", true]);
    await new Promise((done) => socket.disconnect(done));
    equal(socket.opens.size, 0);
    socket.connect();
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "replaceTransport switches to another transport": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    const { socket } = channel;
    class Other extends socket.transport {}
    socket.replaceTransport(Other);
    equal(socket.isConnected(), false);
    socket.connect();
    await socket.opens.take();
    equal(socket.conn instanceof Other, true);
    await new Promise((done) => socket.ping(done));
  },

  "encode, decode and logger receive all frames": async (fixture) => {
    const account = await fixture.server.account();
    const { Serializer } = fixture.phoenix;
    const [sent, received, logged] = [[], [], []];
    const channel = await fixture.joined(account, {
      encode: (message, done) => {
        sent.push(message.event);
        Serializer.encode(message, done);
      },
      decode: (raw, done) => {
        received.push(JSON.parse(raw)[3]);
        Serializer.decode(raw, done);
      },
      logger: (kind, text) => logged.push(`${kind}: ${text}`),
    });
    await ok(time(channel));
    equal([sent, received], [["phx_join", "ping"], ["phx_reply", "phx_reply"]]);
    equal(channel.socket.hasLogger(), true);
    equal(logged.some((line) => line.startsWith(`push: ${account.channel} ping`)), true);
    equal(logged.some((line) => line.startsWith(`receive: ok ${account.channel}`)), true);
  },

  "sign-out closes the socket with 1001, and it cannot reconnect": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    await fixture.server.signOut(account);
    equal((await channel.socket.closes.take()).code, 1001);
    equal((await channel.socket.closes.take()).code, 1006);
    equal([channel.isErrored(), channel.socket.opens.size], [true, 0]);
  },

  "a restarting server closes with 1012; the client rejoins": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    await fixture.server.stop();
    equal((await channel.socket.closes.take()).code, 1012);
    await fixture.server.run();
    const { status, response } = await channel.joins.take();
    equal([status, response.epoch], ["ok", channel.reply.epoch]);
    await ok(time(channel));
  },

  "a lost connection times out pending pushes, and the channel is rejoined": async (fixture) => {
    const account = await fixture.server.account();
    const socket = await fixture.open(account, { reconnectAfterMs: undefined });
    const channel = fixture.channel(socket, account);
    equal((await fixture.join(channel)).status, "ok");
    await fixture.server.withhold();
    const push = answer(time(channel, 300));
    await fixture.server.cut();
    await channel.errors.take();
    equal(channel.isErrored(), true);
    equal((await push).status, "timeout");
    await fixture.server.heal();
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "a change is broadcast to another socket of the user": async (fixture) => {
    const account = await fixture.server.account();
    const [one, two] = [await fixture.joined(account), await fixture.joined(account)];
    const cursors = inbox();
    two.on("NEED_TO_UPDATE_TIME_ENTRIES", (payload) => cursors.put(payload.cursor));
    await ok(one.push("BULK_EVENT", { events: await fixture.events() }));
    equal(await cursors.take(), 1);
  },
};

/** Features that 1.7 lacks, or has wrong: it does not rejoin after the first of these. */
export const since18 = {
  "connect right after disconnect rejoins": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    channel.socket.disconnect();
    channel.socket.connect();
    await channel.socket.opens.take();
    if (!channel.isJoined()) equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "authToken is a subprotocol; a function is evaluated at every connect": async (fixture) => {
    const account = await fixture.server.account();
    const tokens = ["wrong", account.token, account.token];
    const socket = fixture.socket({ authToken: () => tokens.shift() ?? account.token });
    equal(socket.endPointURL().includes(account.token), false);
    socket.connect();
    equal((await socket.closes.take()).code, 1006);
    await socket.opens.take();
    equal(socket.conn.protocol, "phoenix");
    await fixture.server.reset();
    await socket.opens.take();
    const channel = fixture.channel(socket, account);
    equal((await fixture.join(channel)).status, "ok");
  },

  "authToken may be a string and overrides a parameter": async (fixture) => {
    const account = await fixture.server.account();
    const options = { authToken: account.token, params: { token: "wrong" } };
    const channel = fixture.channel(await fixture.open(account, options), account);
    equal((await fixture.join(channel)).status, "ok");
    equal(await refused(channel.push("nonsense", {})), "unknown_event");
  },
};

/** Features that need a page served by the server. */
export const page = {
  "an endpoint may be a path on the page's host": async (fixture) => {
    const account = await fixture.server.account();
    const socket = fixture.socket({ params: { token: account.token } }, "/socket");
    equal(socket.endPointURL().startsWith(`ws://${location.host}/socket/websocket?`), true);
    socket.connect();
    await socket.opens.take();
    equal(socket.protocol(), "ws");
  },

  "pagehide disconnects, pageshow reconnects and rejoins": async (fixture) => {
    const account = await fixture.server.account();
    const channel = await fixture.joined(account);
    window.dispatchEvent(new Event("pagehide"));
    await channel.socket.closes.take();
    window.dispatchEvent(new Event("pageshow"));
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },
};
