// Close codes of the WiziTime server where Phoenix differs (docs/PROTOCOL.md, section 12).
import assert from "node:assert/strict";
import { Server } from "../server.js";
import { join, rules } from "../rules/fixture.js";
import { RawSocket } from "../rules/raw_socket.js";

rules("WiziTime server: closing", (rule) => {
  rule("§3-close", "a server that shuts down closes all sockets with 1012", async () => {
    const server = await Server.start();
    try {
      const account = await server.account();
      const open = () => RawSocket.open(server, account.token);
      const sockets = [await open(), await open()];
      sockets[0].topic = account.channel;
      await join(sockets[0], "1");
      assert.deepEqual(await server.end("SIGTERM"), [0, null]);
      assert.deepEqual([await sockets[0].closed, await sockets[1].closed], [1012, 1012]);
    } finally {
      await server.remove();
    }
  });

  rule("§3-close", "a close frame is answered with its code", async (fixture) => {
    for (const code of [1000, 1001, 3000, 4001]) {
      const socket = await fixture.joined();
      socket.ws.close(code, "reason");
      assert.equal(await socket.closed, code);
    }
    const socket = await fixture.joined();
    socket.ws.close();
    assert.equal(await socket.closed, 1005);
  });

  rule("§3-close", "a close frame with a reason that is not UTF-8: 1007", async (fixture) => {
    const socket = await fixture.joined();
    socket.ws._socket.write(Buffer.from([0x88, 0x83, 0, 0, 0, 0, 0x03, 0xe8, 0xff]));
    assert.equal(await socket.closed, 1007);
  });

  rule("§3-close", "an unmasked frame closes the socket with 1002", async (fixture) => {
    const socket = await fixture.joined();
    socket.ws._socket.write(Buffer.from([0x81, 0x02, 0x5b, 0x5d]));
    assert.equal(await socket.closed, 1002);
  });
});
