// People write "@Ada" and "#general"; Discord's text has ids. Both ways, and suggestions while typing.

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function marks(directory) {
  const people = directory.people.map((person) => ({ words: `@${person.name}`, mark: `<@${person.id}>`, hint: person.title }));
  const roles = directory.roles.map((role) => ({ words: `@${role.name}`, mark: `<@&${role.id}>`, hint: "role" }));
  const channels = directory.channels.filter((channel) => !["category", "dm"].includes(channel.kind)).map((channel) => ({ words: `#${channel.name}`, mark: `<#${channel.id}>`, hint: channel.topic }));
  return [...people, ...roles, ...channels].sort((left, right) => right.words.length - left.words.length);
}

/** "@Ada look at #general" with ids. The longest name wins; words that name nobody stay as they are. */
export function withIds(text, directory) {
  const known = marks(directory);
  if (!known.length) return text;
  const byWords = new Map(known.map((each) => [each.words.toLowerCase(), each.mark]));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}<&])(?:${known.map((each) => escape(each.words)).join("|")})(?![\\p{L}\\p{N}_-])`, "giu");
  return text.replace(pattern, (words) => byWords.get(words.toLowerCase()));
}

/** The other way, for editing what was sent. */
export function withNames(text, directory) {
  return marks(directory).reduce((words, each) => words.replaceAll(each.mark, each.words), text);
}

/** What may follow the "@a" or "#a" that ends `before`, the text up to the caret: { typed, fitting, isWhole } or null. */
export function mentionAt(before, directory) {
  const found = /(?:^|\s)([@#][^\s@#]*)$/u.exec(before);
  if (!found) return null;
  const typed = found[1].toLowerCase();
  const fitting = marks(directory).filter((each) => each.words.toLowerCase().startsWith(typed)).sort((left, right) => left.words.localeCompare(right.words));
  return fitting.length ? { typed: found[1], fitting, isWhole: fitting.some((each) => each.words.toLowerCase() === typed) } : null;
}
