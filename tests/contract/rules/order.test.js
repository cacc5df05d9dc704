// Order and recipients of replies and broadcasts.
import assert from "node:assert/strict";
import { JOIN_PARAMS, change, isAlive, join, broadcast, rules } from "./fixture.js";
import { reply } from "./raw_socket.js";

/** Fewer than the limit of pending pushes. */
const PUSHES = 60;

rules("order", (rule) => {
  rule("§3.2", "nothing is sent on a channel before the reply to its join", async (fixture) => {
    const account = await fixture.account();
    const busy = await fixture.joined(account);
    for (let number = 1; number <= 20; number += 1) {
      busy.send(change("1", `${number}`, busy.topic));
      const socket = await fixture.socket(account);
      socket.send(["1", "1", account.channel, "phx_join", JOIN_PARAMS]);
      socket.send(["1", "2", account.channel, "nonsense", {}]);
      const [first, second] = [await socket.frame(), await socket.frame()];
      assert.deepEqual([first[1], first[3]], ["1", "phx_reply"]);
      const cursor = first[4].response.cursor;
      if (second[3] !== "phx_reply") assert.ok(second[4].cursor > cursor, "broadcast, not history");
      socket.ws.terminate();
    }
  });

  rule("§3.9", "replies are sent in the order of the pushes", async (fixture) => {
    const socket = await fixture.joined();
    const pushed = Array.from({ length: PUSHES }, (_, number) => `${number + 2}`);
    for (const [index, ref] of pushed.entries()) {
      socket.send([
        change("1", ref, socket.topic),
        ["1", ref, socket.topic, "ping", { sent_at: 0 }],
        ["1", ref, socket.topic, "GET_LATEST_TIME_ENTRIES", { epoch: null, since: 0, limit: 1 }],
        ["1", ref, socket.topic, "nonsense", {}],
      ][index % 4]);
    }
    const answered = [];
    while (answered.length < pushed.length) {
      const [, ref, , event] = await socket.frame();
      if (event === "phx_reply") answered.push(ref);
    }
    assert.deepEqual(answered, pushed);
  });

  rule("§3.9", "the broadcast of a push is sent before its reply", async (fixture) => {
    const socket = await fixture.joined();
    for (const cursor of [1, 2, 3]) {
      socket.send(change("1", `${cursor}`, socket.topic));
      await socket.expect(...broadcast(socket.topic, cursor));
      const response = { cursor, superseded: [] };
      await socket.expect(...reply("1", `${cursor}`, socket.topic, "ok", response));
    }
  });

  rule("§2 §3.9", "a broadcast has no refs and is sent to joined sockets", async (fixture) => {
    const account = await fixture.account();
    const sockets = [];
    for (let index = 0; index < 5; index += 1) sockets.push(await fixture.joined(account));
    sockets[0].send(change("1", "2", account.channel));
    for (const socket of sockets) await socket.expect(...broadcast(account.channel, 1));
    for (const socket of sockets.slice(1)) await socket.expectNothing();
  });

  rule("§2 §3.9", "a broadcast is sent only to joined sockets of the user", async (fixture) => {
    const account = await fixture.account();
    const [socket, stranger] = [await fixture.joined(account), await fixture.joined()];
    const [unjoined, left] = [await fixture.socket(account), await fixture.joined(account)];
    left.send(["1", "2", left.topic, "phx_leave", {}]);
    await left.expect(...reply("1", "2", left.topic, "ok", {}));
    await left.expect("1", "1", left.topic, "phx_close", {});
    socket.send(change("1", "2", socket.topic));
    await socket.expect(...broadcast(socket.topic, 1));
    for (const other of [stranger, unjoined, left]) await other.expectNothing();
  });

  rule("§3.9", "broadcasts may be coalesced, but are never stale or repeated", async (fixture) => {
    const account = await fixture.account();
    const [busy, other] = [await fixture.joined(account), await fixture.joined(account)];
    for (let ref = 1; ref <= PUSHES; ref += 1) busy.send(change("1", `${ref}`, busy.topic));
    let last = 0;
    while (last < PUSHES) {
      const frame = await other.frame();
      const { cursor } = frame[4];
      assert.ok(cursor > last, `${cursor} after ${last}`);
      assert.deepEqual(frame, broadcast(account.channel, cursor));
      last = cursor;
    }
    await other.expectNothing();
  });

  rule("§3.10", "broadcasts are not repeated for clients that join later", async (fixture) => {
    const account = await fixture.account();
    const socket = await fixture.joined(account);
    const early = await fixture.socket(account);
    socket.send(change("1", "2", socket.topic));
    await socket.expect(...broadcast(socket.topic, 1));
    early.topic = account.channel;
    const { cursor } = await join(early, "1");
    assert.equal(cursor, 1, "the reply to the join has the cursor");
    await early.expectNothing();
    await isAlive(early);
  });
});
