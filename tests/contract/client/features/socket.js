// The client's `Socket`: opening, closing, coming back.
import { inbox } from "../../inbox.js";
import { answer, equal, ok, refused, time } from "../stand.js";

/** Heartbeats that have to be answered before a link counts as kept open. */
const HEARTBEATS = 5;
/** Often enough to wait for, and more than a busy machine may take to answer. */
const HEARTBEAT_MS = 300;

export const socket = {
  "connect opens once, and says so by state": async (stand) => {
    const account = await stand.server.account();
    const socket = stand.socket({ params: { token: account.token } });
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

  "the end point has the parameters and vsn 2.0.0": async (stand) => {
    const socket = stand.socket({ params: { token: "a b", more: { x: 1 } } }, "ws://h/socket");
    const query = "token=a%20b&more%5Bx%5D=1&vsn=2.0.0";
    equal(decodeURI(socket.endPointURL()), decodeURI(`ws://h/socket/websocket?${query}`));
  },

  "onOpen, onMessage, onClose and onError tell, until off": async (stand) => {
    const account = await stand.server.account();
    const socket = await stand.open(account);
    const heard = [];
    const kinds = ["onOpen", "onMessage", "onClose", "onError"];
    const refs = kinds.map((kind) => socket[kind](() => heard.push(kind)));
    const round = async () => {
      await new Promise((done) => socket.ping(done));
      await new Promise((done) => socket.disconnect(done));
      await socket.closes.take();
      socket.connect();
      await socket.opens.take();
    };
    await round();
    equal(heard, ["onMessage", "onClose", "onOpen"]);
    const error = new Promise((done) => socket.onError(done));
    await stand.server.cut();
    await socket.closes.take();
    await error;
    equal(heard.includes("onError"), true);
    await stand.server.mend();
    await socket.opens.take();
    socket.off(refs);
    const before = heard.length;
    await round();
    equal(heard.length, before);
  },

  "ping measures the way, and needs a connection": async (stand) => {
    const account = await stand.server.account();
    const socket = stand.socket({ params: { token: account.token } });
    equal(socket.ping(() => {}), false);
    socket.connect();
    await socket.opens.take();
    const ms = await new Promise((done) => equal(socket.ping(done), true));
    equal(ms >= 0 && ms < 10_000, true, `${ms} ms`);
  },

  "params are read anew at every connect": async (stand) => {
    const account = await stand.server.account();
    let token = "wrong";
    let asked = 0;
    const params = () => {
      asked += 1;
      return { token };
    };
    const socket = stand.socket({ params });
    socket.connect();
    await socket.closes.take();
    await socket.closes.take();
    equal(socket.opens.size, 0);
    token = account.token;
    await socket.opens.take();
    equal(asked >= 3, true, `asked ${asked} times`);
  },

  "a refused token looks like a lost link, and is tried again": async (stand) => {
    const tries = inbox();
    const reconnectAfterMs = (count) => {
      tries.put(count);
      return 1;
    };
    const socket = stand.socket({ params: { token: "wrong" }, reconnectAfterMs });
    socket.connect();
    for (const count of [1, 2, 3]) {
      equal(await tries.take(), count);
      equal((await socket.closes.take()).code, 1006);
    }
    equal(socket.opens.size, 0);
  },

  "heartbeats are answered and keep the link": async (stand) => {
    const account = await stand.server.account();
    const beats = inbox();
    const socket = await stand.open(account, { heartbeatIntervalMs: HEARTBEAT_MS });
    socket.onMessage(({ topic, event }) => topic === "phoenix" && beats.put(event));
    for (let beat = 0; beat < HEARTBEATS; beat += 1) equal(await beats.take(), "phx_reply");
    equal(socket.closes.size, 0);
  },

  "a heartbeat without an answer ends the link, and another is made": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account, { heartbeatIntervalMs: HEARTBEAT_MS });
    await stand.server.stall();
    await channel.errors.take();
    await stand.server.lose();
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "disconnect is final, tells its code, and leaves the channels for connect": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    const { socket } = channel;
    await new Promise((done) => socket.disconnect(done, 4001, "told so"));
    const { code, wasClean } = await socket.closes.take();
    equal([code, wasClean], [4001, true]);
    equal([socket.connectionState(), channel.isErrored()], ["closed", true]);
    await new Promise((done) => socket.disconnect(done));
    equal(socket.opens.size, 0);
    socket.connect();
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "replaceTransport goes on with another transport": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    const { socket } = channel;
    class Other extends socket.transport {}
    socket.replaceTransport(Other);
    equal(socket.isConnected(), false);
    socket.connect();
    await socket.opens.take();
    equal(socket.conn instanceof Other, true);
    await new Promise((done) => socket.ping(done));
  },

  "encode, decode and logger see all that goes over the wire": async (stand) => {
    const account = await stand.server.account();
    const { Serializer } = stand.phoenix;
    const [sent, received, logged] = [[], [], []];
    const channel = await stand.joined(account, {
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

  "signing out ends the socket with 1001, and it cannot come back": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    await stand.server.signOut(account);
    equal((await channel.socket.closes.take()).code, 1001);
    equal((await channel.socket.closes.take()).code, 1006);
    equal([channel.isErrored(), channel.socket.opens.size], [true, 0]);
  },

  "a server that restarts says 1012; the client comes back by itself": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    await stand.server.stop();
    equal((await channel.socket.closes.take()).code, 1012);
    await stand.server.run();
    const { status, response } = await channel.joins.take();
    equal([status, response.epoch], ["ok", channel.reply.epoch]);
    await ok(time(channel));
  },

  "a lost link ends what is under way, and the channel comes back": async (stand) => {
    const account = await stand.server.account();
    const socket = await stand.open(account, { reconnectAfterMs: undefined });
    const channel = stand.channel(socket, account);
    equal((await stand.join(channel)).status, "ok");
    await stand.server.withhold();
    const push = answer(time(channel, 300));
    await stand.server.cut();
    await channel.errors.take();
    equal(channel.isErrored(), true);
    equal((await push).status, "timeout");
    await stand.server.mend();
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "two sockets of a user hear of each other's changes": async (stand) => {
    const account = await stand.server.account();
    const [one, two] = [await stand.joined(account), await stand.joined(account)];
    const news = inbox();
    two.on("NEED_TO_UPDATE_TIME_ENTRIES", (payload) => news.put(payload.cursor));
    await ok(one.push("BULK_EVENT", { events: await stand.events() }));
    equal(await news.take(), 1);
  },
};

/** What 1.7 lacks, or is known to get wrong: it forgets to join after the first of these. */
export const since18 = {
  "disconnect and connect on end come back joined": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    channel.socket.disconnect();
    channel.socket.connect();
    await channel.socket.opens.take();
    if (!channel.isJoined()) equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },

  "authToken goes by subprotocol, and a function is read anew": async (stand) => {
    const account = await stand.server.account();
    const tokens = ["wrong", account.token, account.token];
    const socket = stand.socket({ authToken: () => tokens.shift() ?? account.token });
    equal(socket.endPointURL().includes(account.token), false);
    socket.connect();
    equal((await socket.closes.take()).code, 1006);
    await socket.opens.take();
    equal(socket.conn.protocol, "phoenix");
    await stand.server.lose();
    await socket.opens.take();
    const channel = stand.channel(socket, account);
    equal((await stand.join(channel)).status, "ok");
  },

  "authToken may be a text, and wins over a parameter": async (stand) => {
    const account = await stand.server.account();
    const options = { authToken: account.token, params: { token: "wrong" } };
    const channel = stand.channel(await stand.open(account, options), account);
    equal((await stand.join(channel)).status, "ok");
    equal(await refused(channel.push("nonsense", {})), "unknown_event");
  },
};

/** What needs a page, whose host is the server's. */
export const page = {
  "an end point may be a path of the page's own host": async (stand) => {
    const account = await stand.server.account();
    const socket = stand.socket({ params: { token: account.token } }, "/socket");
    equal(socket.endPointURL().startsWith(`ws://${location.host}/socket/websocket?`), true);
    socket.connect();
    await socket.opens.take();
    equal(socket.protocol(), "ws");
  },

  "pagehide disconnects, pageshow connects and joins again": async (stand) => {
    const account = await stand.server.account();
    const channel = await stand.joined(account);
    window.dispatchEvent(new Event("pagehide"));
    await channel.socket.closes.take();
    window.dispatchEvent(new Event("pageshow"));
    equal((await channel.joins.take()).status, "ok");
    await ok(time(channel));
  },
};
