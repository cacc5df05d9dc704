// Close codes and WebSocket control frames.
import assert from "node:assert/strict";
import { change, isAlive, broadcast, rules } from "./fixture.js";

rules("closing", (rule) => {
  rule("§3.11 §6", "after sign-out the token's sockets are closed, 1001", async (fixture) => {
    const account = await fixture.account();
    const [joined, unjoined] = [await fixture.joined(account), await fixture.socket(account)];
    const other = await fixture.joined(await fixture.server.signIn(account));
    assert.equal((await fixture.server.post("/api/sign_out", {}, account.token)).status, 204);
    assert.deepEqual([await joined.closed, await unjoined.closed], [1001, 1001]);
    await isAlive(other);
  });

  rule("§3.11 §6", "sign-out everywhere closes all of the user's sockets", async (fixture) => {
    const account = await fixture.account();
    const sockets = [await fixture.joined(account), await fixture.socket(account)];
    sockets.push(await fixture.joined(await fixture.server.signIn(account)));
    const stranger = await fixture.joined();
    const body = { everywhere: true };
    assert.equal((await fixture.server.post("/api/sign_out", body, account.token)).status, 204);
    for (const socket of sockets) assert.equal(await socket.closed, 1001);
    await isAlive(stranger);
  });

  rule("§3-close", "a close frame is answered", async (fixture) => {
    for (const code of [1000, 1001, 3000, 4001]) {
      const socket = await fixture.joined();
      socket.ws.close(code, "reason");
      const answer = await socket.closed;
      assert.ok([code, 1000].includes(answer), `${answer}`);
    }
  });

  rule("§6", "a closed socket ends only its own channels", async (fixture) => {
    const account = await fixture.account();
    const [stays, closes, dies] = [
      await fixture.joined(account), await fixture.joined(account), await fixture.joined(account),
    ];
    closes.ws.close(1000);
    dies.ws.terminate();
    await Promise.all([closes.closed, dies.closed]);
    stays.send(change("1", "2", stays.topic));
    await stays.expect(...broadcast(stays.topic, 1));
  });

  rule("§3-limits §6", "a ping is answered with its data, a pong is ignored", async (fixture) => {
    const socket = await fixture.joined();
    for (const data of ["", "still there?", "x".repeat(125)]) {
      socket.ws.ping(data);
      assert.equal(await socket.pongs.take(), data);
    }
    socket.ws.pong("unsolicited");
    await socket.expectNothing();
    assert.equal(socket.pongs.size, 0);
  });

  for (const [name, bytes] of [
    ["a reserved bit", [0xf1, 0x80, 0, 0, 0, 0]],
    ["an unknown opcode", [0x83, 0x80, 0, 0, 0, 0]],
    ["a fragmented ping", [0x09, 0x80, 0, 0, 0, 0]],
    ["a continuation without a start", [0x80, 0x80, 0, 0, 0, 0]],
  ]) {
    const title = `an invalid WebSocket frame closes the socket with 1002: ${name}`;
    rule("§3-close §6", title, async (fixture) => {
      const socket = await fixture.joined();
      socket.ws._socket.write(Buffer.from(bytes));
      assert.equal(await socket.closed, 1002);
    });
  }
});
