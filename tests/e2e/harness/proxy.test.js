// Tests of the proxy.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { Proxy } from "./proxy.js";
import { until } from "./until.js";

let server;
let proxy;

/** A client that collects received text. */
async function client() {
  const socket = connect(new URL(proxy.url).port, "127.0.0.1");
  socket.text = "";
  socket.isClosed = false;
  socket.on("data", (bytes) => (socket.text += bytes));
  socket.on("close", () => (socket.isClosed = true));
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const received = (socket, text) => until(`"${text}" is received`, () => socket.text === text);
const closed = (socket) => until("the connection ends", () => socket.isClosed);

before(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      server.received = (server.received ?? "") + bytes;
      socket.write(`<${bytes}>`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

beforeEach(async () => {
  await proxy?.stop();
  server.received = "";
  proxy = new Proxy(() => server.address().port);
  await proxy.start();
});

after(async () => {
  await proxy.stop();
  server.close();
});

test("open proxy forwards both directions", async () => {
  const socket = await client();
  socket.write("a");
  await received(socket, "<a>");
});

test("cut proxy ends open connections and refuses new ones", async () => {
  const old = await client();
  proxy.cut();
  await closed(old);
  await closed(await client());
  proxy.heal();
  const socket = await client();
  socket.write("b");
  await received(socket, "<b>");
});

test("stalled proxy delivers after healing", async () => {
  const socket = await client();
  socket.write("a");
  await received(socket, "<a>");
  proxy.stall();
  socket.write("b");
  const other = await client();
  other.write("c");
  assert.equal(server.received, "a");
  proxy.heal();
  await received(socket, "<a><b>");
  await received(other, "<c>");
});

test("withholding proxy forwards requests, and reset drops the response", async () => {
  const socket = await client();
  proxy.withhold();
  socket.write("a");
  await until("the response is withheld", () => proxy.withheld === 3);
  assert.equal(server.received, "a");
  assert.equal(socket.text, "");
  proxy.reset();
  await closed(socket);
  assert.equal(socket.text, "");
  const next = await client();
  next.write("b");
  await received(next, "<b>");
});

test("withheld bytes are delivered after healing", async () => {
  const socket = await client();
  proxy.withhold();
  socket.write("a");
  await until("the response is withheld", () => proxy.withheld === 3);
  proxy.heal();
  await received(socket, "<a>");
});
