//! The conversation seen from outside: ids, cards, presses, forms, commands.

mod acts;
mod buttons;
mod card;
mod guard;
mod press;
mod slash;
mod words;
mod world;
