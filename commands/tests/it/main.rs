//! The conversation seen from outside: ids, cards, presses, forms, commands.

mod acts;
mod answer;
mod buttons;
mod card;
mod desk;
mod discord;
mod front_desk;
mod guard;
mod more;
mod press;
mod press_ending;
mod press_people;
mod press_work;
mod ranks;
mod refused;
mod slash;
mod words;
mod work;
mod world;
