// How sockets end, and the codes that say why.
import assert from "node:assert/strict";
import { Server } from "../server.js";
import { change, isAlive, join, news, rules } from "./rule.js";
import { Wire } from "./wire.js";

rules("closing", (rule) => {
  rule("§3.11 §6", "a token that is signed out: its sockets end with 1001", async (stand) => {
    const account = await stand.account();
    const [joined, unjoined] = [await stand.joined(account), await stand.wire(account)];
    const other = await stand.joined(await stand.server.signIn(account));
    assert.equal((await stand.server.post("/api/sign_out", {}, account.token)).status, 204);
    assert.deepEqual([await joined.closed, await unjoined.closed], [1001, 1001]);
    await isAlive(other);
  });

  rule("§3.11 §6", "signed out everywhere: all of the user's sockets end", async (stand) => {
    const account = await stand.account();
    const wires = [await stand.joined(account), await stand.wire(account)];
    wires.push(await stand.joined(await stand.server.signIn(account)));
    const stranger = await stand.joined();
    const body = { everywhere: true };
    assert.equal((await stand.server.post("/api/sign_out", body, account.token)).status, 204);
    for (const wire of wires) assert.equal(await wire.closed, 1001);
    await isAlive(stranger);
  });

  rule("§3-close", "a server that stops: 1012, with channels and without", async () => {
    const server = await Server.start();
    try {
      const account = await server.account();
      const open = () => Wire.open(server, account.token);
      const wires = [await open(), await open()];
      wires[0].topic = account.channel;
      await join(wires[0], "1");
      assert.deepEqual(await server.end("SIGTERM"), [0, null]);
      assert.deepEqual([await wires[0].closed, await wires[1].closed], [1012, 1012]);
    } finally {
      await server.remove();
    }
  });

  rule("§3-close", "a client that closes is answered with its own code", async (stand) => {
    for (const code of [1000, 1001, 3000, 4001]) {
      const wire = await stand.joined();
      wire.socket.close(code, "told so");
      assert.equal(await wire.closed, code);
    }
    const wire = await stand.joined();
    wire.socket.close();
    assert.equal(await wire.closed, 1005);
  });

  rule("§6", "a socket that is gone takes its channels with it, and no other", async (stand) => {
    const account = await stand.account();
    const [stays, closes, dies] = [
      await stand.joined(account), await stand.joined(account), await stand.joined(account),
    ];
    closes.socket.close(1000);
    dies.socket.terminate();
    await Promise.all([closes.closed, dies.closed]);
    stays.send(change("1", "2", stays.topic));
    await stays.hears(...news(stays.topic, 1));
  });

  rule("§3-limits §6", "a ping is answered with its bytes, a pong not at all", async (stand) => {
    const wire = await stand.joined();
    for (const data of ["", "still there?", "x".repeat(125)]) {
      wire.socket.ping(data);
      assert.equal(await wire.pongs.take(), data);
    }
    wire.socket.pong("nobody asked");
    await wire.hearsNothing();
    assert.equal(wire.pongs.size, 0);
  });

  for (const [name, bytes] of [
    ["an unmasked frame", [0x81, 0x02, 0x5b, 0x5d]],
    ["a reserved bit", [0xf1, 0x80, 0, 0, 0, 0]],
    ["an opcode that does not exist", [0x83, 0x80, 0, 0, 0, 0]],
    ["a ping in pieces", [0x09, 0x80, 0, 0, 0, 0]],
    ["a piece of nothing", [0x80, 0x80, 0, 0, 0, 0]],
  ]) {
    const title = `what is no WebSocket frame ends the socket, 1011: ${name}`;
    rule("§3-close §6", title, async (stand) => {
      const wire = await stand.joined();
      wire.socket._socket.write(Buffer.from(bytes));
      assert.equal(await wire.closed, 1011);
    });
  }
});
