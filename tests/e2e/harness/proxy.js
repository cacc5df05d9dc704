// A wire between browser and server that misbehaves on command.
import { once } from "node:events";
import { createServer, connect } from "node:net";

export class Proxy {
  #server;
  #wires = new Set();
  #mode = "open";

  /** `target` answers the port to connect to. */
  constructor(target) {
    this.target = target;
  }

  async start() {
    this.#server = createServer((browser) => this.#join(browser));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async stop() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Ends every connection, and every new one at once. */
  cut() {
    this.#mode = "cut";
    for (const wire of this.#wires) wire.end();
  }

  /** Keeps connections open and moves no byte, as a dead radio link does. */
  stall() {
    this.#mode = "stalled";
    for (const wire of this.#wires) wire.flow();
  }

  /** Holds back what the server says; what the browser says still arrives. */
  withhold() {
    this.#mode = "withholding";
    for (const wire of this.#wires) wire.flow();
  }

  /** Works again, and delivers what was held back. */
  mend() {
    this.#mode = "open";
    for (const wire of this.#wires) wire.flow();
  }

  /** Works again for new connections; the old ones end, and what was held back is lost. */
  lose() {
    for (const wire of this.#wires) wire.end();
    this.#mode = "open";
  }

  /** How many bytes of the server are held back. */
  get withheld() {
    return [...this.#wires].reduce((sum, wire) => sum + wire.withheld, 0);
  }

  #join(browser) {
    if (this.#mode === "cut") {
      browser.on("error", () => {});
      browser.destroy();
      return;
    }
    const server = connect(this.target(), "127.0.0.1");
    const wire = new Wire(browser, server, () => this.#mode);
    this.#wires.add(wire);
    browser.on("close", () => this.#wires.delete(wire));
  }
}

/** One connection: two directions, each a queue that is emptied when the mode lets it. */
class Wire {
  #browser;
  #server;
  #mode;
  #up = [];
  #down = [];

  constructor(browser, server, mode) {
    [this.#browser, this.#server, this.#mode] = [browser, server, mode];
    this.#pipe(browser, this.#up);
    this.#pipe(server, this.#down);
  }

  get withheld() {
    return this.#down.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0);
  }

  /** Moves what may move. */
  flow() {
    const mode = this.#mode();
    if (mode === "open" || mode === "withholding") this.#empty(this.#up, this.#server);
    if (mode === "open") this.#empty(this.#down, this.#browser);
  }

  end() {
    this.#browser.destroy();
    this.#server.destroy();
  }

  /** `null` in a queue is the end of the stream, which keeps its place behind the bytes. */
  #pipe(from, queue) {
    const add = (chunk) => {
      queue.push(chunk);
      this.flow();
    };
    from.on("data", add);
    from.on("close", () => add(null));
    // An error is followed by the close.
    from.on("error", () => {});
  }

  #empty(queue, to) {
    while (queue.length > 0 && !to.destroyed) {
      const chunk = queue.shift();
      if (chunk === null) to.end();
      else to.write(chunk);
    }
  }
}
