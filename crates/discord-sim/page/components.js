// Buttons and select menus under a message.

import { element, icon, safeAddress } from "./dom.js";
import { choose, toast } from "./overlay.js";

/** The options of a select menu: its own, or people, roles and channels of the guild. */
export function selectOptions(part, directory) {
  const people = () => directory.people.map((person) => ({ value: person.id, label: person.name, description: person.title, emoji: "👤" }));
  const roles = () => directory.roles.map((role) => ({ value: role.id, label: `@${role.name}`, emoji: "👥" }));
  const channels = () => directory.channels.filter((channel) => channel.kind !== "category" && channel.kind !== "dm").map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
  switch (part.select) {
    case "user": return people();
    case "role": return roles();
    case "mentionable": return [...people(), ...roles()];
    case "channel": return channels();
    default:
      return (part.options ?? []).map((option) => ({
        value: option.value, label: option.label, description: option.description, emoji: option.emoji, isDefault: Boolean(option.default),
      }));
  }
}

/**
 * The rows of a message. `use(action, details, control)` carries a press to the bot;
 * `control.key` marks the pressed part so that it can show that it waits.
 */
export function componentRows(message, directory, pendingKey, use) {
  return element("div", { class: "components" }, message.components.map((row) =>
    element("div", { class: "component-row" }, row.map((part) =>
      (part.kind === "select" ? selectMenu(part, message, directory, pendingKey, use) : button(part, message, pendingKey, use))))));
}

function button(part, message, pendingKey, use) {
  const words = [part.emoji ? element("span", { class: "button-emoji", text: part.emoji }) : null, part.label ? element("span", { text: part.label }) : null];
  const style = `button button-${part.style}`;
  if (part.style === "link") {
    const target = safeAddress(part.url);
    if (!target || part.disabled) return element("button", { type: "button", class: style, disabled: true }, words, icon("external"));
    return element("a", { class: style, href: target, target: "_blank", rel: "noopener noreferrer", title: target }, words, icon("external"));
  }
  const key = part.custom_id ?? part.label;
  const node = element("button", {
    type: "button", class: style, disabled: part.disabled, "aria-label": part.label ? null : part.emoji,
    "aria-busy": pendingKey === key ? "true" : null, data: { key },
  }, words);
  node.addEventListener("click", () => use("click", { message_id: message.id, button: key }, { node, key }));
  return node;
}

function selectMenu(part, message, directory, pendingKey, use) {
  const options = selectOptions(part, directory);
  const label = part.placeholder ?? "Choose";
  const words = element("span", { class: "select-words" });
  const show = (chosen) => {
    words.textContent = chosen.length ? chosen.map((option) => option.label).join(", ") : label;
    words.classList.toggle("placeholder", !chosen.length);
  };
  show(options.filter((option) => option.isDefault));
  const key = part.custom_id;
  const node = element("button", {
    type: "button", class: "select", disabled: part.disabled, "aria-haspopup": "dialog", "aria-busy": pendingKey === key ? "true" : null, data: { key },
  }, words, icon("chevron"));
  node.setAttribute("aria-description", label);
  node.addEventListener("click", async () => {
    if (!options.length) {
      toast("There is nothing to choose from.");
      return;
    }
    const values = await choose(node, label, options, { min: part.min_values ?? 1, max: part.max_values ?? 1 });
    if (!values) return;
    show(options.filter((option) => values.includes(option.value)));
    use("select", { message_id: message.id, select: key, values }, { node, key });
  });
  return node;
}
