//! What a command prints. Whoever closes the pipe has read enough, as in `bridgewatch export INC-0001 | head`: the program
//! then ends without a word, with the status that other programs have in that case.

use std::fmt;
use std::io::{self, Write as _};
use std::process;

/// What a shell says of a program that wrote into a closed pipe: 128 and the number of SIGPIPE.
const CLOSED_PIPE: i32 = 141;

/// Prints to the standard output. `print!` would panic where it is closed.
pub fn print(text: fmt::Arguments<'_>) {
    let mut output = io::stdout().lock();
    let written = output.write_fmt(text).and_then(|()| output.flush());
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(CLOSED_PIPE),
        Err(error) => {
            // Nobody may be left to read this either.
            let _ = writeln!(
                io::stderr(),
                "bridgewatch: the output cannot be written: {error}"
            );
            process::exit(1)
        }
    }
}

/// [`print`](crate::output::print) with a format.
macro_rules! out {
    ($($text:tt)*) => {
        $crate::output::print(format_args!($($text)*))
    };
}

/// [`out!`] and the end of the line.
macro_rules! outln {
    () => {
        $crate::output::print(format_args!("\n"))
    };
    ($($text:tt)*) => {
        $crate::output::print(format_args!("{}\n", format_args!($($text)*)))
    };
}

pub(crate) use {out, outln};
