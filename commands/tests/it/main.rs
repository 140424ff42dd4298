//! The conversation seen from outside: ids, cards, presses, forms, commands.

mod acts;
mod answer;
mod buttons;
mod card;
mod discord;
mod guard;
mod press;
mod slash;
mod words;
mod world;
