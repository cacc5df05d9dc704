// Limits of size and time.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { change, broadcast, rules } from "./fixture.js";
import { reply } from "./raw_socket.js";

const MESSAGE_BYTES_MAX = 1_048_576;
const IDLE_MS = 60_000;
/** Tolerance for timers on a busy machine. */
const LATE_MS = 20_000;

rules("limits", (rule) => {
  /** A heartbeat of exactly `bytes`. */
  const heartbeat = (bytes) => {
    const [before, after] = ['[null,"1","phoenix","heartbeat","', '"]'];
    return before + "x".repeat(bytes - before.length - after.length) + after;
  };

  rule("§3-limits", "1,048,576 bytes are accepted, also in fragments", async (fixture) => {
    const socket = await fixture.joined();
    const text = heartbeat(MESSAGE_BYTES_MAX);
    socket.send(text);
    await socket.expect(...reply(null, "1", "phoenix", "ok", {}));
    socket.ws.send(text.slice(0, 400_000), { fin: false });
    socket.ws.send(text.slice(400_000, 800_000), { fin: false });
    socket.ws.send(text.slice(800_000), { fin: true });
    await socket.expect(...reply(null, "1", "phoenix", "ok", {}));
  });

  rule(
    "§3-limits §6",
    "60 s without a frame from the client: 1002; a ping counts, received frames do not",
    async (fixture) => {
      const account = await fixture.account();
      const sockets = {
        silent: await fixture.socket(account),
        listening: await fixture.joined(account),
        beating: await fixture.joined(account),
        pinging: await fixture.joined(account),
        beganOnce: await fixture.joined(account),
      };
      const began = performance.now();
      const ended = Object.entries(sockets).map(async ([name, socket]) => {
        const code = await socket.closed;
        return { name, code, after: performance.now() - began };
      });
      await wait(IDLE_MS / 3);
      sockets.beganOnce.send([null, "1", "phoenix", "heartbeat", {}]);
      await wait(IDLE_MS / 3);
      sockets.pinging.ws.ping("still here");
      sockets.beating.send(change("1", "2", account.channel));
      await sockets.listening.expect(...broadcast(account.channel, 1));
      const [silent, listening] = await Promise.all([ended[0], ended[1]]);
      for (const { code, after, name } of [silent, listening]) {
        assert.equal(code, 1002, name);
        assert.ok(after > IDLE_MS - 2_000 && after < IDLE_MS + LATE_MS, `${name}: ${after} ms`);
      }
      for (const socket of [sockets.beating, sockets.pinging]) {
        assert.equal(socket.ws.readyState, socket.ws.OPEN);
      }
      const once = await ended[4];
      assert.equal(once.code, 1002, "one heartbeat is not enough");
      assert.ok(once.after > IDLE_MS + IDLE_MS / 3 - 2_000, `${once.after} ms`);
    },
    IDLE_MS * 2 + LATE_MS,
  );
});
