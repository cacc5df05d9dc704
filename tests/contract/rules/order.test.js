// What comes first, and who hears of what.
import assert from "node:assert/strict";
import { WHO, change, isAlive, join, news, rules } from "./rule.js";
import { reply } from "./wire.js";

/** Fewer than may wait on one connection. */
const PUSHES = 60;

rules("order", (rule) => {
  rule("§3.2", "nothing of a channel comes before the reply to its join", async (stand) => {
    const account = await stand.account();
    const busy = await stand.joined(account);
    for (let number = 1; number <= 20; number += 1) {
      busy.send(change("1", `${number}`, busy.topic));
      const wire = await stand.wire(account);
      wire.send(["1", "1", account.channel, "phx_join", WHO]);
      wire.send(["1", "2", account.channel, "nonsense", {}]);
      const [first, second] = [await wire.frame(), await wire.frame()];
      assert.deepEqual([first[1], first[3]], ["1", "phx_reply"]);
      const cursor = first[4].response.cursor;
      if (second[3] !== "phx_reply") assert.ok(second[4].cursor > cursor, "news, not history");
      wire.socket.terminate();
    }
  });

  rule("§3.9", "replies come in the order of the pushes", async (stand) => {
    const wire = await stand.joined();
    const asked = Array.from({ length: PUSHES }, (_, number) => `${number + 2}`);
    for (const [index, ref] of asked.entries()) {
      wire.send([
        change("1", ref, wire.topic),
        ["1", ref, wire.topic, "ping", { sent_at: 0 }],
        ["1", ref, wire.topic, "GET_LATEST_TIME_ENTRIES", { epoch: null, since: 0, limit: 1 }],
        ["1", ref, wire.topic, "nonsense", {}],
      ][index % 4]);
    }
    const answered = [];
    while (answered.length < asked.length) {
      const [, ref, , event] = await wire.frame();
      if (event === "phx_reply") answered.push(ref);
    }
    assert.deepEqual(answered, asked);
  });

  rule("§3.9", "the broadcast of a push comes before its reply", async (stand) => {
    const wire = await stand.joined();
    for (const cursor of [1, 2, 3]) {
      wire.send(change("1", `${cursor}`, wire.topic));
      await wire.hears(...news(wire.topic, cursor));
      await wire.hears(...reply("1", `${cursor}`, wire.topic, "ok", { cursor, superseded: [] }));
    }
  });

  rule("§2 §3.9", "a broadcast has no refs and goes to all who joined", async (stand) => {
    const account = await stand.account();
    const wires = [];
    for (let index = 0; index < 5; index += 1) wires.push(await stand.joined(account));
    wires[0].send(change("1", "2", account.channel));
    for (const wire of wires) await wire.hears(...news(account.channel, 1));
    for (const wire of wires.slice(1)) await wire.hearsNothing();
  });

  rule("§2 §3.9", "a broadcast goes to nobody else", async (stand) => {
    const account = await stand.account();
    const [wire, stranger] = [await stand.joined(account), await stand.joined()];
    const [unjoined, left] = [await stand.wire(account), await stand.joined(account)];
    left.send(["1", "2", left.topic, "phx_leave", {}]);
    await left.hears(...reply("1", "2", left.topic, "ok", {}));
    await left.hears("1", "1", left.topic, "phx_close", {});
    wire.send(change("1", "2", wire.topic));
    await wire.hears(...news(wire.topic, 1));
    for (const other of [stranger, unjoined, left]) await other.hearsNothing();
  });

  rule("§3.9", "news may be left out for newer ones, never told late or twice", async (stand) => {
    const account = await stand.account();
    const [busy, other] = [await stand.joined(account), await stand.joined(account)];
    for (let ref = 1; ref <= PUSHES; ref += 1) busy.send(change("1", `${ref}`, busy.topic));
    let last = 0;
    while (last < PUSHES) {
      const frame = await other.frame();
      const { cursor } = frame[4];
      assert.ok(cursor > last, `${cursor} after ${last}`);
      assert.deepEqual(frame, news(account.channel, cursor));
      last = cursor;
    }
    await other.hearsNothing();
  });

  rule("§3.10", "what was said to absent clients is not said again", async (stand) => {
    const account = await stand.account();
    const wire = await stand.joined(account);
    const early = await stand.wire(account);
    wire.send(change("1", "2", wire.topic));
    await wire.hears(...news(wire.topic, 1));
    early.topic = account.channel;
    const { cursor } = await join(early, "1");
    assert.equal(cursor, 1, "who joins is told where the log ends");
    await early.hearsNothing();
    await isAlive(early);
  });
});
