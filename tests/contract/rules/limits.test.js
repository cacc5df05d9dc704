// How long, how many, how late.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { change, isAlive, news, rules } from "./rule.js";
import { reply } from "./wire.js";

const MESSAGE_BYTES_MAX = 10_000_000;
const IDLE_MS = 60_000;
/** How much later than promised an end may be noticed on a busy machine, in milliseconds. */
const LATE_MS = 20_000;

/** The head of a client's frame with so many bytes to come, and a mask that changes nothing. */
function head(first, bytes) {
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0xff;
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header;
}

const [TEXT, LAST_TEXT, PIECE, LAST_PIECE] = [0x01, 0x81, 0x00, 0x80];

rules("limits", (rule) => {
  /** A heartbeat of just so many bytes. */
  const heartbeat = (bytes) => {
    const [before, after] = ['[null,"1","phoenix","heartbeat","', '"]'];
    return before + "x".repeat(bytes - before.length - after.length) + after;
  };

  rule("§3-limits", "a message of 10,000,000 bytes is taken, also in pieces", async (stand) => {
    const wire = await stand.joined();
    const text = heartbeat(MESSAGE_BYTES_MAX);
    wire.send(text);
    await wire.hears(...reply(null, "1", "phoenix", "ok", {}));
    wire.socket.send(text.slice(0, 4_000_000), { fin: false });
    wire.socket.send(text.slice(4_000_000, 8_000_000), { fin: false });
    wire.socket.send(text.slice(8_000_000), { fin: true });
    await wire.hears(...reply(null, "1", "phoenix", "ok", {}));
  });

  rule("§3-limits", "a frame that says it is longer ends the socket, 1009", async (stand) => {
    for (const bytes of [MESSAGE_BYTES_MAX + 1, 2 ** 40]) {
      const wire = await stand.joined();
      wire.socket._socket.write(head(LAST_TEXT, bytes));
      assert.equal(await wire.closed, 1009);
    }
  });

  rule("§3-limits", "pieces that together are longer end the socket, 1009", async (stand) => {
    const wire = await stand.joined();
    const piece = Buffer.alloc(MESSAGE_BYTES_MAX / 2, " ");
    for (const first of [TEXT, PIECE]) {
      wire.socket._socket.write(head(first, piece.length));
      wire.socket._socket.write(piece);
    }
    wire.socket._socket.write(head(LAST_PIECE, 1));
    wire.socket._socket.write(" ");
    assert.equal(await wire.closed, 1009);
  });

  rule("§3-limits", "a longer message, all of it sent: 1009, or cut off", async (stand) => {
    const [wire, other] = [await stand.joined(), await stand.joined()];
    wire.send(heartbeat(MESSAGE_BYTES_MAX + 1));
    const code = await wire.closed;
    assert.ok([1009, 1006].includes(code), `${code}`);
    await isAlive(other);
  });

  rule(
    "§3-limits §6",
    "60 s without a frame of the client: 1002; a ping is one, what it hears is none",
    async (stand) => {
      const account = await stand.account();
      const wires = {
        silent: await stand.wire(account),
        listening: await stand.joined(account),
        beating: await stand.joined(account),
        pinging: await stand.joined(account),
        beganOnce: await stand.joined(account),
      };
      const began = performance.now();
      const ended = Object.entries(wires).map(async ([name, wire]) => {
        const code = await wire.closed;
        return { name, code, after: performance.now() - began };
      });
      await wait(IDLE_MS / 3);
      wires.beganOnce.send([null, "1", "phoenix", "heartbeat", {}]);
      await wait(IDLE_MS / 3);
      wires.pinging.socket.ping("still here");
      wires.beating.send(change("1", "2", account.channel));
      await wires.listening.hears(...news(account.channel, 1));
      const [silent, listening] = await Promise.all([ended[0], ended[1]]);
      for (const { code, after, name } of [silent, listening]) {
        assert.equal(code, 1002, name);
        assert.ok(after > IDLE_MS - 2_000 && after < IDLE_MS + LATE_MS, `${name}: ${after} ms`);
      }
      for (const wire of [wires.beating, wires.pinging]) {
        assert.equal(wire.socket.readyState, wire.socket.OPEN);
      }
      const once = await ended[4];
      assert.equal(once.code, 1002, "one heartbeat is not enough");
      assert.ok(once.after > IDLE_MS + IDLE_MS / 3 - 2_000, `${once.after} ms`);
    },
    IDLE_MS * 2 + LATE_MS,
  );
});
