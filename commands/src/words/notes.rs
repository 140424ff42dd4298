//! Notes that come in a file: a log, a table, whatever was written while the bot was away.

use bridgewatch_core::ports::NotRead;
use bridgewatch_core::timeline::{AttachedFile, readable_size};

use super::timeline;
use crate::press::Asker;
use crate::reply::{Reply, Told, say};

/// The largest file of notes, in bytes: far more than the lines of one import.
const MAX_NOTES_BYTES: u64 = 256 * 1024;

/// Reads notes from a file and shows what is understood, before anything is written.
pub(crate) async fn notes_from(asker: &Asker<'_>, file: &AttachedFile) -> Told {
    if file.size_bytes > MAX_NOTES_BYTES {
        return Err(too_large(file));
    }
    let link = file.waits_at().unwrap_or_default();
    let bytes = match asker.data.files.read(link, MAX_NOTES_BYTES).await {
        Ok(bytes) => bytes,
        Err(NotRead::TooLarge) => return Err(too_large(file)),
        Err(problem @ (NotRead::Expired | NotRead::Retry { .. } | NotRead::Refused { .. })) => {
            return Err(say(format!(
                "I could not read `{}`: {problem}. Send it again, or paste the lines: `/admin import` without a file.",
                quoted(file)
            )));
        }
    };
    let text = match text_of(&bytes) {
        Ok(text) => text,
        Err(problem) => return Err(say(format!("`{}` {problem}", quoted(file)))),
    };
    timeline::notes_looked_at(asker, text).await
}

fn too_large(file: &AttachedFile) -> Reply {
    say(format!(
        "`{}` has more than {}: import it in parts.",
        quoted(file),
        readable_size(MAX_NOTES_BYTES)
    ))
}

/// A name of a stranger between two marks that it cannot end.
fn quoted(file: &AttachedFile) -> String {
    file.name.replace('`', "'")
}

/// The text of a file, without the mark that some programs put in front.
///
/// # Errors
/// Why it is none, and how to mend it; stands behind the file's name.
fn text_of(bytes: &[u8]) -> Result<&str, String> {
    const MEND: &str =
        "Save it as text or CSV in UTF-8, or paste the lines: `/admin import` without a file.";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(format!("is in UTF-16, not in UTF-8. {MEND}"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        format!("is not in UTF-8: its line {line} holds other bytes. {MEND}")
    })?;
    if text.contains('\0') {
        return Err(format!("is no text. {MEND}"));
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(
            "is empty: a line each, with its time in front, like `02:47 obs: first 500s`."
                .to_owned(),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_text_is_refused_with_the_way_to_mend_it() {
        assert_eq!(text_of("\u{feff}02:47 x".as_bytes()), Ok("02:47 x"));
        for (bytes, problem) in [
            (
                b"\xff\xfe0\x002\x00".as_slice(),
                "is in UTF-16, not in UTF-8. Save it",
            ),
            (
                b"02:47 ok\n02:48 gr\xfcn".as_slice(),
                "is not in UTF-8: its line 2 holds other bytes. Save it",
            ),
            (b"PK\x03\x04\0\0".as_slice(), "is no text. Save it"),
            (b" \n\n".as_slice(), "is empty: a line each"),
        ] {
            let refusal = text_of(bytes).expect_err("it is no text");
            assert!(refusal.starts_with(problem), "{refusal}");
        }
    }
}
