// The wire misbehaves exactly as it is told to.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { Proxy } from "./proxy.js";
import { until } from "./until.js";

let server;
let proxy;

/** A client that keeps what it was told. */
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

const heard = (socket, text) => until(`"${text}" is heard`, () => socket.text === text);
const closed = (socket) => until("the connection ends", () => socket.isClosed);

before(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      server.said = (server.said ?? "") + bytes;
      socket.write(`<${bytes}>`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

beforeEach(async () => {
  await proxy?.stop();
  server.said = "";
  proxy = new Proxy(() => server.address().port);
  await proxy.start();
});

after(async () => {
  await proxy.stop();
  server.close();
});

test("an open wire carries both directions", async () => {
  const socket = await client();
  socket.write("a");
  await heard(socket, "<a>");
});

test("a cut wire ends what is open and refuses what comes", async () => {
  const old = await client();
  proxy.cut();
  await closed(old);
  await closed(await client());
  proxy.mend();
  const socket = await client();
  socket.write("b");
  await heard(socket, "<b>");
});

test("a stalled wire delivers late", async () => {
  const socket = await client();
  socket.write("a");
  await heard(socket, "<a>");
  proxy.stall();
  socket.write("b");
  const other = await client();
  other.write("c");
  assert.equal(server.said, "a");
  proxy.mend();
  await heard(socket, "<a><b>");
  await heard(other, "<c>");
});

test("a withholding wire lets the server hear, and loses its answer on command", async () => {
  const socket = await client();
  proxy.withhold();
  socket.write("a");
  await until("the answer is held back", () => proxy.withheld === 3);
  assert.equal(server.said, "a");
  assert.equal(socket.text, "");
  proxy.lose();
  await closed(socket);
  assert.equal(socket.text, "");
  const next = await client();
  next.write("b");
  await heard(next, "<b>");
});

test("what was held back can be delivered after all", async () => {
  const socket = await client();
  proxy.withhold();
  socket.write("a");
  await until("the answer is held back", () => proxy.withheld === 3);
  proxy.mend();
  await heard(socket, "<a>");
});
