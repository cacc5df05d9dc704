// Channels of the WiziTime server where Phoenix differs (docs/PROTOCOL.md, section 12).
import assert from "node:assert/strict";
import { JOIN_PARAMS, isAlive, rules } from "../rules/fixture.js";
import { closed, reply } from "../rules/raw_socket.js";

rules("WiziTime server: channels", (rule) => {
  rule("§3.4", "leave and join without waiting: reply, phx_close, reply", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(["1", "2", socket.topic, "phx_leave", {}]);
    socket.send(["3", "3", socket.topic, "phx_join", JOIN_PARAMS]);
    await socket.expect(...reply("1", "2", socket.topic, "ok", {}));
    await socket.expect(...closed("1", socket.topic));
    const [joinRef, , , event] = await socket.frame();
    assert.deepEqual([joinRef, event], ["3", "phx_reply"]);
    await isAlive(socket, "3");
  });

  rule("§3.5", "after a join with null, only pushes with null are delivered", async (fixture) => {
    const account = await fixture.account();
    const socket = await fixture.socket(account);
    socket.topic = account.channel;
    socket.send([null, "1", socket.topic, "phx_join", JOIN_PARAMS]);
    const frame = await socket.frame();
    assert.deepEqual(frame, reply(null, "1", socket.topic, "ok", frame[4].response));
    await isAlive(socket, null);
    socket.send(["1", "2", socket.topic, "ping", { sent_at: 0 }]);
    await socket.expectNothing();
  });

  rule("§3.7", "an event that is not a string is unknown", async (fixture) => {
    const socket = await fixture.joined();
    for (const event of [null, 7, ["ping"]]) {
      socket.send(["1", "2", socket.topic, event, {}]);
      await socket.expect(...reply("1", "2", socket.topic, "error", { reason: "unknown_event" }));
    }
    await isAlive(socket);
  });
});
