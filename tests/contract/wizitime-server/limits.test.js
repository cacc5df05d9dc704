// Limits of the WiziTime server: those of Phoenix are greater (docs/PROTOCOL.md, section 12).
import assert from "node:assert/strict";
import { isAlive, rules } from "../rules/fixture.js";

const MESSAGE_BYTES_MAX = 1_048_576;

/** The header of a client frame with `bytes` of payload and a zero mask. */
function head(first, bytes) {
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0xff;
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header;
}

const [TEXT, LAST_TEXT, FRAGMENT, LAST_FRAGMENT] = [0x01, 0x81, 0x00, 0x80];

rules("WiziTime server: limits", (rule) => {
  /** A heartbeat of exactly `bytes`. */
  const heartbeat = (bytes) => {
    const [before, after] = ['[null,"1","phoenix","heartbeat","', '"]'];
    return before + "x".repeat(bytes - before.length - after.length) + after;
  };

  rule("§3-limits", "a longer frame closes the socket with 1009", async (fixture) => {
    for (const bytes of [MESSAGE_BYTES_MAX + 1, 2 ** 40]) {
      const socket = await fixture.joined();
      socket.ws._socket.write(head(LAST_TEXT, bytes));
      assert.equal(await socket.closed, 1009);
    }
  });

  rule("§3-limits", "longer fragments close the socket with 1009", async (fixture) => {
    const socket = await fixture.joined();
    const fragment = Buffer.alloc(MESSAGE_BYTES_MAX / 2, " ");
    for (const first of [TEXT, FRAGMENT]) {
      socket.ws._socket.write(head(first, fragment.length));
      socket.ws._socket.write(fragment);
    }
    socket.ws._socket.write(head(LAST_FRAGMENT, 1));
    socket.ws._socket.write(" ");
    assert.equal(await socket.closed, 1009);
  });

  rule("§3-limits", "a longer message: 1009 or connection reset", async (fixture) => {
    const [socket, other] = [await fixture.joined(), await fixture.joined()];
    socket.send(heartbeat(MESSAGE_BYTES_MAX + 1));
    const code = await socket.closed;
    assert.ok([1009, 1006].includes(code), `${code}`);
    await isAlive(other);
  });
});
