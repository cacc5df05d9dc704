// The recipes in deploy/proxies, adapted to this machine: ports, certificates and folders.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Process, accepts } from "./process.js";

const recipe = (name) =>
  readFileSync(new URL(`../../deploy/proxies/${name}`, import.meta.url), "utf8");

/** Debian's folder of Apache's modules. */
const APACHE_MODULES = "/usr/lib/apache2/modules";

const isRoot = process.getuid() === 0;

/** Replaces every occurrence; each text must occur. */
function adapted(name, replacements) {
  let text = recipe(name);
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Creates a certificate for localhost in the folder. */
export function createCertificate(folder) {
  const [certificate, key, both] = ["time.pem", "time.key", "both.pem"].map((name) =>
    join(folder, name),
  );
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const created = spawnSync("openssl", [
    ...["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-days", "2", "-keyout", key, "-out", certificate, ...subject],
  ]);
  if (created.status !== 0) throw new Error(`openssl failed: ${created.stderr ?? created.error}`);
  writeFileSync(both, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
  return { certificate, key, both, ca: readFileSync(certificate) };
}

function nginx({ folder, port, backend, tls }) {
  const site = adapted("nginx.conf", [
    ["listen 443 ssl", `listen 127.0.0.1:${port} ssl`],
    ["  listen [::]:443 ssl;\n", ""],
    ["server_name time.example.org", "server_name localhost"],
    ["/etc/ssl/time.example.org.pem", tls.certificate],
    ["/etc/ssl/time.example.org.key", tls.key],
    ["/var/log/nginx/", `${folder}/logs/`],
    ["127.0.0.1:4000", `127.0.0.1:${backend}`],
  ]);
  writeFileSync(join(folder, "site.conf"), site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const lines = temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`);
  const main = join(folder, "nginx.conf");
  const text = [
    isRoot ? "user root;" : "",
    `daemon off;\npid ${folder}/nginx.pid;\nerror_log ${folder}/logs/main.log;\nevents {}`,
    `http {\n  access_log ${folder}/logs/main-access.log;`,
    ...lines,
    `  include ${folder}/site.conf;\n}\n`,
  ];
  writeFileSync(main, text.join("\n"));
  return { program: "nginx", args: ["-p", folder, "-c", main] };
}

function caddy({ folder, port, backend, tls }) {
  const site = adapted("Caddyfile", [
    ["\tlog\n", `\tlog\n\ttls ${tls.certificate} ${tls.key}\n`],
    ["{\n\t# Of all messages", "{\n\tadmin off\n\tauto_https off\n\t# Of all messages"],
  ]);
  const file = join(folder, "Caddyfile");
  writeFileSync(file, site);
  const env = {
    ...{ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    WIZITIME_SITE: `https://localhost:${port}`,
    WIZITIME_UPSTREAM: `127.0.0.1:${backend}`,
  };
  return { program: "caddy", args: ["run", "--config", file, "--adapter", "caddyfile"], env };
}

function apache({ folder, port, backend, tls }) {
  const site = adapted("apache.conf", [
    ["*:443", `127.0.0.1:${port}`],
    ["ServerName time.example.org", "ServerName localhost"],
    ["/etc/ssl/time.example.org.pem", tls.certificate],
    ["/etc/ssl/time.example.org.key", tls.key],
    ["/var/log/apache2/", `${folder}/logs/`],
    ["127.0.0.1:4000", `127.0.0.1:${backend}`],
  ]);
  // Debian's defaults, and what the recipe tells to enable.
  const enabled = /a2enmod ([a-z_ ]+) &&/.exec(site)[1].split(" ");
  const modules = ["mpm_event", "authz_core", "alias", "proxy", "socache_shmcb", ...enabled];
  const files = readdirSync(APACHE_MODULES);
  const loaded = modules.filter((name) => files.includes(`mod_${name}.so`));
  const load = loaded.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`);
  const file = join(folder, "apache.conf");
  const text = [
    `ServerRoot ${folder}\nServerName localhost\nPidFile ${folder}/apache.pid`,
    `Mutex file:${folder}\nErrorLog ${folder}/logs/main.log\nListen 127.0.0.1:${port}`,
    ...load,
    isRoot ? "User www-data\nGroup www-data" : "",
    site,
  ];
  writeFileSync(file, text.join("\n"));
  return { program: "apache2", args: ["-d", folder, "-f", file, "-DFOREGROUND"] };
}

function haproxy({ folder, port, backend, tls }) {
  const text = adapted("haproxy.cfg", [
    ["bind :443", `bind 127.0.0.1:${port}`],
    ["/etc/ssl/time.example.org.pem", tls.both],
    ["127.0.0.1:4000", `127.0.0.1:${backend}`],
  ]);
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, text);
  return { program: "haproxy", args: ["-db", "-f", file] };
}

/** The proxies by name. */
export const PROXIES = { nginx, caddy, apache, haproxy };

/** Starts a proxy on a port, in front of a server on the port `backend`. */
export async function startProxy(name, setting) {
  const folder = setting.folder;
  mkdirSync(join(folder, "logs"), { recursive: true });
  const { program, args, env } = PROXIES[name](setting);
  const isReady = () => accepts(setting.port);
  const started = await Process.start(program, args, { isReady, env, cwd: folder });
  /** Everything that the proxy has logged. */
  started.logs = () => {
    const logs = join(folder, "logs");
    const files = existsSync(logs) ? readdirSync(logs) : [];
    return started.output + files.map((file) => readFileSync(join(logs, file), "utf8")).join("");
  };
  return started;
}
