// The page of the local Discord: what is known (state, messages, person, channel) and how it is brought up to date.

import { copyText, element, icon } from "./dom.js";
import { act, isLater, listen, loadMessages, loadState } from "./api.js";
import { refreshRelative } from "./clock.js";
import { plainText } from "./markdown.js";
import { openForm } from "./form.js";
import { ask, clearToasts, menu, toast } from "./overlay.js";
import { createComposer } from "./composer.js";
import { createLog } from "./log.js";
import { createTopBar } from "./top-bar.js";
import { SIGNS, showSidebar } from "./sidebar.js";
import { showPins } from "./pins.js";
import { pickReaction } from "./reactions.js";
import { readMarks } from "./read-marks.js";
import { keepHeldPresses } from "./held-press.js";

const at = (id) => document.getElementById(id);
const place = new URLSearchParams(location.hash.slice(1));

const SOMEBODY = "sam"; // is in every guild unless its host says otherwise
const FEW = 200;
const MANY = 1000;
const model = {
  as: place.get("as") || sessionGet("as") || SOMEBODY,
  channelId: place.get("channel") ?? "",
  state: null,
  messages: [],
  pending: new Map(), // message id -> key of the pressed component
  failures: new Map(), // message id -> sentence
  notes: [], // what only this page knows, e.g. a command without an answer
  pinsOpen: false,
  limit: FEW,
  touches: 0, // how often somebody pressed anything or struck a key
  seen: null, // { as, direct, channels }: what was already told about
};
const marks = readMarks();
const waitingFor = new Map(); // login -> has something unread in the direct messages

function sessionGet(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

// ---- names and lookups ----

const channelOf = (id) => model.state?.channels.find((channel) => channel.id === id);
const currentChannel = () => channelOf(model.channelId);
const names = {
  user: (id) => (id === model.state.bot.id ? model.state.bot.name : model.state.people.find((person) => person.id === id)?.name ?? "unknown-user"),
  role: (id) => model.state.roles.find((role) => role.id === id)?.name ?? "unknown-role",
  channel: (id) => channelOf(id)?.name ?? null,
  get self() {
    return model.state.you.id;
  },
};
const directory = {
  get as() { return model.as; },
  get people() { return [...model.state.people, { id: model.state.bot.id, name: model.state.bot.name, title: "the bot" }]; },
  get roles() { return model.state.roles; },
  get channels() { return model.state.channels; },
};

// ---- doing things ----

/** Acts as the present person; a refusal becomes a notice unless the caller shows it itself. */
async function perform(action, details, { quiet = false } = {}) {
  const result = await act(model.as, action, details);
  if (!result.ok && !quiet) toast(result.refused, "problem");
  if (result.ok) refreshSoon();
  return result;
}

async function use(action, details, control) {
  const id = details.message_id;
  if (model.pending.has(id)) return;
  model.pending.set(id, control.key);
  model.failures.delete(id);
  control.node.setAttribute("aria-busy", "true");
  const { as, touches } = model;
  const result = await perform(action, details);
  model.pending.delete(id);
  control.node.removeAttribute("aria-busy");
  await settle(result, as, (sentence) => model.failures.set(id, sentence));
  await refreshNow();
  // Whoever went on meanwhile is not pulled away from there.
  if (result.ok && result.reply.kind === "message" && as === model.as && touches === model.touches) showAnswer(result.reply.message?.id);
}

// An answer stands at the end of the channel, wherever the button was: in a board far above, or among the pins that cover a phone.
function showAnswer(id) {
  if (isNarrow()) togglePins(false);
  log.toStartOf(id);
}

const isNarrow = () => matchMedia("(max-width: 980px)").matches;

/** Carries on with a bot's answer: opens its form, or says that none came. */
async function settle(result, as, failed) {
  if (!result.ok || as !== model.as) return;
  const { reply } = result;
  if (reply.kind === "form") {
    openForm(reply.form, names, directory, async (answers) => {
      const sent = await perform("submit", { form_id: reply.form.form_id, answers }, { quiet: true });
      if (!sent.ok) return sent;
      if (sent.reply.kind === "no_answer") return { ok: false, refused: "Something went wrong: the application did not respond." };
      await settle(sent, as, failed);
      return sent;
    });
  } else if (reply.kind === "no_answer") {
    failed("The application did not respond");
  }
}

async function slash(line) {
  const { as, channelId } = model;
  const result = await perform("slash", { channel_id: channelId, line }, { quiet: true });
  await settle(result, as, (sentence) => addNote(as, channelId, line, sentence));
  if (result.ok) log.toBottom();
  return result;
}

function addNote(as, channelId, line, sentence) {
  model.notes.push({ key: `note-${model.notes.length}`, as, channelId, line, sentence });
  showMessages();
}

async function runMenuCommand(action, details) {
  const { as, channelId } = model;
  const result = await perform(action, { ...details, channel_id: channelId });
  await settle(result, as, (sentence) => addNote(as, channelId, details.name, sentence));
}

// ---- menus ----

function openMessageMenu(message, anchor) {
  const mine = message.author.id === model.state.you.id;
  const apps = model.state.commands.filter((command) => command.kind === "message_menu");
  const target = { channel_id: message.channel_id, message_id: message.id };
  const mayPin = currentChannel()?.can_pin !== false;
  const items = message.ephemeral
    ? [{ label: "Copy text", icon: "copy", onClick: () => copyMessage(message) }, { label: "Dismiss", icon: "close", onClick: () => perform("dismiss", { message_id: message.id }) }]
    : [
      { label: "Add a reaction", icon: "react", onClick: () => pickReaction(anchor, (emoji) => react(message, emoji)) },
      { label: "Reply", icon: "reply", onClick: () => composer.reply(message) },
      { label: message.pinned ? "Unpin" : "Pin", icon: "pin", disabled: !mayPin, hint: mayPin ? null : "You may not pin here", onClick: () => perform(message.pinned ? "unpin" : "pin", target) },
      mine && { label: "Edit", icon: "edit", onClick: () => composer.startEdit(message) },
      { label: "Copy text", icon: "copy", onClick: () => copyMessage(message) },
      mine && { label: "Delete", icon: "trash", danger: true, onClick: () => remove(message) },
      apps.length && { heading: "Apps" },
      ...apps.map((command) => ({ label: command.name, hint: model.state.bot.name, icon: "apps", onClick: () => runMenuCommand("message_menu", { name: command.name, message_id: message.id }) })),
    ];
  menu(anchor, "Message", items.filter(Boolean));
}

function openPersonMenu(author, anchor) {
  const apps = model.state.commands.filter((command) => command.kind === "user_menu");
  const person = model.state.people.find((each) => each.id === author.id);
  menu(anchor, person ? `${author.name} · ${person.title}` : author.name, [
    { label: "Mention", icon: "reply", onClick: () => composer.mention(`@${author.name}`) },
    person && person.login !== model.as && { label: `Be ${person.name}`, icon: "apps", onClick: () => switchTo(person.login) },
    author.id === model.state.bot.id && { label: "Direct messages", icon: "send", onClick: openDirect },
    apps.length && { heading: "Apps" },
    ...apps.map((command) => ({ label: command.name, hint: model.state.bot.name, icon: "apps", onClick: () => runMenuCommand("user_menu", { name: command.name, user_id: author.id }) })),
  ].filter(Boolean));
}

const react = (message, emoji) => perform(
  message.reactions.some((each) => each.emoji === emoji && each.user_ids.includes(model.state.you.id)) ? "unreact" : "react",
  { channel_id: message.channel_id, message_id: message.id, emoji });

async function copyMessage(message) {
  const parts = [message.content, ...(message.embeds ?? []).flatMap((embed) => [embed.title, embed.description, ...(embed.fields ?? []).map((field) => `${field.name}: ${field.value}`)])];
  toast((await copyText(parts.filter(Boolean).join("\n"))) ? "Copied" : "Copying was not allowed.");
}

async function remove(message) {
  if (await ask("Delete the message?", "It disappears for everybody.", "Delete")) perform("delete", { channel_id: message.channel_id, message_id: message.id });
}

// ---- going places ----

async function switchTo(login) {
  if (login === model.as) return;
  clearToasts();
  model.as = login;
  // Each person has their own place to return to; the DM of one is not a place of another.
  model.channelId = marks.lastPlace(login) ?? (currentChannel()?.kind === "dm" ? "" : model.channelId);
  model.pinsOpen = false;
  model.limit = FEW;
  try {
    sessionStorage.setItem("as", login);
  } catch {
    // A browser without storage forgets on reload, nothing more.
  }
  connect();
  await refreshNow();
  at("announcer").textContent = `You are ${model.state?.you.name} now.`;
}

async function open(channelId) {
  model.channelId = channelId;
  model.limit = FEW;
  announcements.get(channelId)?.remove();
  if (isNarrow()) model.pinsOpen = false;
  closeDrawer();
  await refreshNow();
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

async function openDirect() {
  const result = await perform("open_dm", {});
  if (result.ok && result.reply.channel_id) open(result.reply.channel_id);
}

function closeDrawer() {
  document.body.classList.remove("drawer-open");
  at("scrim").hidden = true;
  showChrome();
}

function toggleDrawer() {
  const isOpen = document.body.classList.toggle("drawer-open");
  at("scrim").hidden = !isOpen;
  showChrome();
  if (isOpen) (at("sidebar").querySelector("[aria-current]") ?? at("sidebar").querySelector("button"))?.focus();
}

function togglePins(show = !model.pinsOpen) {
  model.pinsOpen = show;
  showPinPanel();
  if (show) at("pins").querySelector("button")?.focus();
}

// ---- showing ----

function showChrome() {
  if (!model.state) return;
  const unread = (channel) => channel.id !== model.channelId && marks.isUnread(model.as, channel);
  const isOpen = document.body.classList.contains("drawer-open");
  const news = model.state.channels.some(unread);
  topBar.markDrawer(isOpen, news);
  showSidebar(at("sidebar"), model.state, { open, openDirect, unread, current: () => model.channelId });
  showHeader();
  document.title = `${news ? "● " : ""}${document.title.replace(/^● /, "")}`;
}

function showHeader() {
  const channel = currentChannel();
  const header = at("channel-header");
  const count = model.messages.filter((message) => message.pinned).length;
  const key = JSON.stringify([channel, count, model.pinsOpen, model.as]);
  if (header.dataset.key === key) return;
  header.dataset.key = key;
  const name = channel ? (channel.kind === "dm" ? channel.name || model.state.bot.name : channel.name) : "No channel";
  header.replaceChildren(
    element("h1", {}, element("span", { class: "sign", "aria-hidden": "true", text: channel?.kind === "dm" ? "🤖" : SIGNS[channel?.kind] ?? "#" }), element("span", { text: name })),
    channel?.topic ? element("button", { type: "button", class: "topic", title: channel.topic, text: channel.topic, on: { click: (event) => event.currentTarget.classList.toggle("whole") } }) : "",
    element("button", { type: "button", class: "pins-button", "aria-expanded": String(model.pinsOpen), "aria-controls": "pins", disabled: !channel, on: { click: () => togglePins() } },
      icon("pin"), element("span", { text: "Pinned" }), element("span", { class: "count", text: count })));
  document.title = `${channel ? `${channel.kind === "dm" ? "" : "#"}${name} · ` : ""}${model.state.title || "Local Discord"}`;
}

function messageView(message) {
  return {
    names, directory, me: model.state.you,
    pending: model.pending.get(message.id), failure: model.failures.get(message.id),
    handlers: {
      use, act: perform, showPins: () => togglePins(true),
      jump: (id) => log.jumpTo(id) || toast("That message is not here any more."),
      reply: (target) => composer.reply(target),
      pickReaction: (target, anchor) => pickReaction(anchor, (emoji) => react(target, emoji)),
      openMenu: openMessageMenu, openPerson: openPersonMenu,
    },
  };
}

function showMessages() {
  const notes = model.notes.filter((note) => note.as === model.as && note.channelId === model.channelId);
  const older = model.messages.length >= model.limit && model.limit < MANY;
  log.show(`${model.as}/${model.channelId}`, model.messages, notes, marks.openedAt(model.as, model.channelId), older);
}

function showPinPanel() {
  showPins(at("pins"), model.pinsOpen, model.messages.filter((message) => message.pinned), {
    view: messageView,
    close: () => togglePins(false),
    jump: (id) => {
      togglePins(false);
      log.jumpTo(id);
    },
  });
  document.body.classList.toggle("pins-open", model.pinsOpen);
  showHeader();
}

// ---- staying up to date ----

let running = null;
let again = false;
let timer = 0;

// A burst of changes is one look, and a stream of them does not put the look off.
function refreshSoon() {
  timer ||= setTimeout(() => {
    timer = 0;
    refreshNow();
  }, 40);
}

/** Brings everything up to date; calls that come meanwhile share one further round. */
function refreshNow() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await refresh();
    } while (again);
    running = null;
  })();
  return running;
}

async function refresh() {
  const { as } = model;
  try {
    const state = await loadState(as);
    if (as !== model.as) return void (again = true);
    if (!state) {
      if (as === SOMEBODY) throw new Error("Nobody here is called sam.");
      toast(`Nobody here is called ${as}.`, "problem");
      model.as = SOMEBODY;
      return void (again = true);
    }
    if (!model.state) marks.forgetTheFuture(Date.parse(state.clock.now));
    model.state = state;
    choosePlace();
    const { channelId, limit } = model;
    const messages = channelId ? await loadMessages(channelId, as, limit) : [];
    if (channelId !== model.channelId || as !== model.as || limit !== model.limit) return void (again = true);
    setOffline("");
    announce(channelId, messages);
    model.messages = messages;
  } catch (problem) {
    setOffline(problem.message);
    return;
  }
  marks.visit(model.as, currentChannel(), model.messages, document.visibilityState === "visible");
  tellOfNews();
  topBar.show(model.state);
  composer.goTo(`${model.as}/${model.channelId}`, currentChannel());
  showMessages();
  showPinPanel();
  showChrome();
}

// The channel of the address, else the newest one with something unread, else the first.
function choosePlace() {
  const open = model.state.channels.filter((channel) => channel.kind !== "category");
  if (!open.some((channel) => channel.id === model.channelId)) {
    if (model.channelId && model.messages.length) toast("That channel is not yours to see, or it is gone.");
    const unread = open.filter((channel) => channel.kind !== "dm" && marks.isUnread(model.as, channel)).sort((a, b) => (isLater(b.last_message_id, a.last_message_id) ? 1 : -1));
    model.channelId = (unread[0] ?? open.find((channel) => channel.kind !== "dm") ?? open[0])?.id ?? "";
    model.messages = [];
  }
  history.replaceState(null, "", `#as=${encodeURIComponent(model.as)}&channel=${encodeURIComponent(model.channelId)}`);
}

let announced = "";
function announce(channelId, messages) {
  const key = `${model.as}/${channelId}`;
  const last = messages.at(-1);
  const before = model.messages.at(-1);
  if (announced === key && last && before && isLater(last.id, before.id) && last.author.id !== model.state.you.id) {
    const words = plainText(last.content, names) || last.embeds?.[0]?.title || "a message";
    at("announcer").textContent = `${last.author.name}: ${words.slice(0, 200)}`;
  }
  announced = key;
}

const announcements = new Map(); // channel id -> the notice about it, gone once the channel is open

// A page at night arrives as a direct message, an incident as a new channel: say so wherever the person is looking.
function tellOfNews() {
  const { as, state } = model;
  const direct = state.channels.find((channel) => channel.kind === "dm");
  const before = model.seen;
  model.seen = { as, direct: direct?.last_message_id, channels: new Set(state.channels.map((channel) => channel.id)) };
  if (before?.as !== as) return;
  for (const channel of state.channels) {
    if (before.channels.has(channel.id) || !["text", "announcement", "forum"].includes(channel.kind)) continue;
    announcements.set(channel.id, toast(`New channel #${channel.name}`, "info", { label: "Open", onClick: () => open(channel.id) }));
  }
  if (direct && direct.last_message_id !== before.direct && direct.id !== model.channelId && marks.isUnread(as, direct)) {
    announcements.get(direct.id)?.remove();
    announcements.set(direct.id, toast(`${state.bot.name} wrote to you.`, "info", { label: "Read it", onClick: () => open(direct.id) }));
  }
}

function setOffline(words) {
  const line = at("offline");
  line.hidden = !words;
  line.textContent = words ? `${words} Trying again…` : "";
  clearTimeout(setOffline.timer);
  if (words) setOffline.timer = setTimeout(refreshNow, 2000);
}

// Other people's direct messages, so that a page that went to somebody else is seen.
async function lookAround() {
  if (!model.state || document.visibilityState !== "visible") return;
  for (const person of model.state.people) {
    if (person.login === model.as) {
      waitingFor.delete(person.login);
      continue;
    }
    try {
      const state = await loadState(person.login);
      const direct = state.channels.find((channel) => channel.kind === "dm");
      waitingFor.set(person.login, Boolean(direct && marks.isUnread(person.login, direct)));
    } catch {
      return;
    }
  }
  topBar.showPeople();
}
let lookTimer = 0;
function lookAroundSoon() {
  lookTimer ||= setTimeout(() => {
    lookTimer = 0;
    lookAround();
  }, 800);
}

let stopListening = () => {};
function connect() {
  stopListening();
  stopListening = listen(model.as, () => {
    refreshSoon();
    lookAroundSoon();
  }, (isOpen) => (isOpen ? refreshSoon() : setOffline("The line to the local Discord broke.")));
}

// ---- start ----

const topBar = createTopBar(at("top"), { switchTo, toggleDrawer, attention: (login) => waitingFor.get(login) });
const log = createLog(at("log"), at("jump"), { view: messageView, showOlder: () => {
  model.limit = MANY;
  refreshNow();
}, reuse: (line) => composer.reuse(line), drop: (key) => {
  model.notes = model.notes.filter((note) => note.key !== key);
  showMessages();
} });
const composer = createComposer(at("composer"), {
  commands: () => model.state?.commands ?? [],
  directory: () => directory,
  say: async (details) => {
    const result = await perform("say", { channel_id: model.channelId, ...details });
    if (result.ok) log.toBottom();
    return result;
  },
  edit: (message, text) => perform("edit", { channel_id: message.channel_id, message_id: message.id, text }),
  slash,
  complete: (line) => act(model.as, "complete", { channel_id: model.channelId, line }),
  lastOwnMessage: () => model.messages.findLast((message) => message.author.id === model.state.you.id && !message.ephemeral && [0, 19].includes(message.kind)),
});

keepHeldPresses();
at("scrim").addEventListener("click", closeDrawer);
document.addEventListener("click", (event) => {
  const mention = event.target.closest?.(".mention-channel[data-channel]");
  if (mention) open(mention.dataset.channel);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (document.body.classList.contains("drawer-open")) closeDrawer();
  else if (model.pinsOpen) togglePins(false);
});
document.addEventListener("keydown", (event) => {
  const isFree = document.activeElement === document.body || document.activeElement === at("log");
  if (isFree && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) composer.focus();
});
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => (model.touches += 1), { capture: true });
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refreshSoon());
at("log").addEventListener("dragover", (event) => event.preventDefault());
at("log").addEventListener("drop", (event) => {
  event.preventDefault();
  composer.take(event.dataTransfer.files[0]);
});
setInterval(() => refreshRelative(document.body), 1000);

refreshNow().then(() => {
  connect();
  lookAroundSoon();
});
