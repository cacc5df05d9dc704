// A static web server for a sub-path that forwards api/ and socket/ below it to the server.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export class StaticHost {
  #server;

  /** `base` is the path of the app, such as `/time/`; `backend` returns a port. */
  constructor({ folder, base, backend }) {
    Object.assign(this, { folder, base, backend });
  }

  async start() {
    this.#server = createServer((incoming, response) => this.#response(incoming, response));
    this.#server.on("upgrade", (incoming, socket) => this.#upgrade(incoming, socket));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async #response(incoming, response) {
    const { pathname } = new URL(incoming.url, this.url);
    if (pathname.startsWith(`${this.base}api/`)) return this.#forward(incoming, response);
    if (!pathname.startsWith(this.base)) return response.writeHead(404).end();
    const name = normalize(pathname.slice(this.base.length) || "index.html");
    const type = TYPES[extname(name)];
    if (name.startsWith("..") || !type) return response.writeHead(404).end();
    try {
      const bytes = await readFile(join(this.folder, name));
      response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }

  #forward(incoming, response) {
    const outgoing = this.#request(incoming);
    outgoing.on("response", (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
    outgoing.on("error", () => response.writeHead(502).end());
    incoming.pipe(outgoing);
  }

  #upgrade(incoming, socket) {
    const outgoing = this.#request(incoming);
    outgoing.on("upgrade", (reply, server) => {
      const headers = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("\r\n")}\r\n\r\n`);
      for (const [from, to] of [[socket, server], [server, socket]]) {
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
    outgoing.on("response", () => socket.destroy());
    outgoing.on("error", () => socket.destroy());
    outgoing.end();
  }

  #request({ method, url, headers }) {
    const path = url.slice(this.base.length - 1);
    return request({ host: "127.0.0.1", port: this.backend(), method, path, headers });
  }
}
