// The account's page: what a person rarely needs, and not without their password. It has a session
// of its own, in memory alone, which ends with the page.

/** Where the app keeps which device this browser is. */
const DEVICE_KEY = "wizi.device";

const place = (id) => document.getElementById(id);
const signInForm = place("sign-in");

let token;

/** A random id in the form of a UUID; `crypto.randomUUID` is missing on pages without TLS. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Which device this browser is; unknown where the browser lets no page keep anything. */
function thisDevice() {
  try {
    return localStorage.getItem(DEVICE_KEY);
  } catch {
    return undefined;
  }
}

/** What the server says instead of doing what it was asked, in words for people. */
class Refusal extends Error {}

/** Asks the server; answers its response, or fails with a Refusal. */
async function ask(path, body, options = {}) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  const method = body ? "POST" : "GET";
  let answer;
  try {
    const text = body && JSON.stringify(body);
    answer = await fetch(`api/${path}`, { method, headers, body: text, ...options });
  } catch {
    throw new Refusal("The server cannot be reached. Nothing was changed; try again.");
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && token) {
    token = undefined;
    show("sign-in", "You were signed out here. Sign in again to go on.");
  }
  const told = await answer.json().catch(() => undefined);
  throw new Refusal(told?.message ?? `The server answered ${answer.status}. Try again later.`);
}

/** Shows one of the page's faces, with a word above its button if there is one to say. */
function show(face, words) {
  for (const id of ["sign-in", "account", "gone"]) place(id).hidden = id !== face;
  if (words) say(signInForm, words, "bad");
  if (face === "sign-in") signInForm.elements.email.focus();
}

function say(card, words, tone = "good") {
  const word = card.querySelector(".word");
  word.textContent = words;
  word.dataset.tone = tone;
  word.hidden = !words;
}

/** Does something for a card: once at a time, and its failure is told there. */
async function perform(card, work) {
  if (card.ariaBusy === "true") return;
  card.ariaBusy = "true";
  const buttons = card.querySelectorAll("button");
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  say(card, "");
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(card, error.message, "bad");
  } finally {
    card.ariaBusy = "false";
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

/** The fields of a form; the first that is empty is asked for instead. */
function filled(form, names) {
  for (const [name, words] of Object.entries(names)) {
    const field = form.elements[name];
    if (field.type === "checkbox" ? field.checked : field.value.trim()) continue;
    field.focus();
    throw new Refusal(words);
  }
  return Object.fromEntries(Object.keys(names).map((name) => [name, form.elements[name].value]));
}

function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    perform(form, work);
  });
}

onSubmit(signInForm, async () => {
  const credentials = filled(signInForm, {
    email: "Type your email address.",
    password: "Type your password.",
  });
  const answer = await ask("sign_in", { ...credentials, device_id: newId() });
  const session = await answer.json();
  token = session.token;
  signInForm.reset();
  place("who").textContent = session.email;
  place("password").elements.email.value = session.email;
  await listDevices();
  show("account");
});

async function listDevices() {
  const { devices } = await (await ask("devices")).json();
  place("devices").querySelector("ul").replaceChildren(...devices.map(row));
}

function row(device) {
  const name = document.createElement("b");
  const isThisBrowser = device.device_id === thisDevice();
  const known = device.current ? "This page" : isThisBrowser && "The timer in this browser";
  name.textContent = known || `Device ${device.device_id.slice(-8)}`;
  const since = document.createElement("span");
  const when = { dateStyle: "medium", timeStyle: "short" };
  since.textContent = `since ${new Date(device.signed_in_at).toLocaleString(undefined, when)}`;
  const words = document.createElement("div");
  words.append(name, since);
  const item = document.createElement("li");
  item.append(words);
  if (!device.current) item.append(signOutButton(device, name.textContent));
  return item;
}

function signOutButton(device, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = "Sign out";
  button.ariaLabel = `Sign out: ${name}`;
  button.addEventListener("click", () => {
    perform(place("devices"), async () => {
      await ask("sign_out", { device_id: device.device_id });
      await listDevices();
      say(place("devices"), `${name} is signed out. What it had not sent yet stays on it.`);
    });
  });
  return button;
}

place("devices").querySelector("[data-do=everywhere]").addEventListener("click", () => {
  perform(place("devices"), async () => {
    await ask("sign_out", { everywhere: true });
    token = undefined;
    leave("You are signed out on all of your devices, and here.");
  });
});

onSubmit(place("password"), async () => {
  const form = place("password");
  const change = filled(form, {
    password: "Type the password that you have now.",
    new_password: "Type a new password.",
  });
  await ask("password", change);
  form.elements.password.value = "";
  form.elements.new_password.value = "";
  await listDevices();
  say(form, "Your password is changed. All other devices are signed out.");
});

place("export").querySelector("[data-do=export]").addEventListener("click", () => {
  perform(place("export"), async () => {
    const answer = await ask("export");
    let file;
    try {
      file = await answer.blob();
    } catch {
      throw new Refusal("The download broke off. Try again.");
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "wizitime-export.ndjson";
    link.click();
    URL.revokeObjectURL(link.href);
    say(place("export"), "The file is in your downloads.");
  });
});

onSubmit(place("delete"), async () => {
  const { password } = filled(place("delete"), {
    password: "Type your password.",
    sure: "Tick the box if you really want this.",
  });
  await ask("delete_account", { password });
  token = undefined;
  leave("Your account is deleted, and everything the server had of you with it.");
});

/** The last thing there is to say. */
function leave(words) {
  place("gone").textContent = words;
  show("gone");
  place("gone").focus();
}

addEventListener("pagehide", () => {
  // Nobody is left to hear of a failure; the session then ends by itself, and is in the list.
  if (token) ask("sign_out", {}, { keepalive: true }).catch(() => {});
  token = undefined;
});
// A page that comes back from the browser's memory has no session any more.
addEventListener("pageshow", () => token || place("gone").hidden === false || show("sign-in"));
