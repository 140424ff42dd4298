//! How payloads travel: as text, or in one compressed stream per connection, which most libraries ask for by default.

use std::io::Write as _;

use axum::extract::ws::Message;
use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Largest block of a Zstandard frame whose window is 128 KiB, in bytes.
const LARGEST_BLOCK: usize = 128 * 1024;

/// The stream of one connection, from the server to the client.
#[derive(Debug)]
pub(crate) enum Transport {
    /// `compress` not asked for.
    Text,
    /// `compress=zlib-stream`.
    Zlib(ZlibEncoder<Vec<u8>>),
    /// `compress=zstd-stream`; whether the frame's header is out.
    Zstd { begun: bool },
}

impl Transport {
    /// The transport that the query of the gateway's URL asks for.
    pub(crate) fn asked_by(compress: Option<&str>) -> Transport {
        match compress {
            Some("zlib-stream") => {
                Transport::Zlib(ZlibEncoder::new(Vec::new(), Compression::fast()))
            }
            Some("zstd-stream") => Transport::Zstd { begun: false },
            _ => Transport::Text,
        }
    }

    /// A payload as the next message of the stream: whoever decompresses it has the whole payload.
    pub(crate) fn message(&mut self, payload: String) -> Message {
        match self {
            Transport::Text => Message::text(payload),
            Transport::Zlib(encoder) => {
                encoder
                    .write_all(payload.as_bytes())
                    .and_then(|()| encoder.flush())
                    .expect("writing into memory does not fail");
                Message::binary(std::mem::take(encoder.get_mut()))
            }
            Transport::Zstd { begun } => {
                let first = !std::mem::replace(begun, true);
                Message::binary(zstd_blocks(payload.as_bytes(), first))
            }
        }
    }
}

/// Raw blocks of one Zstandard frame that never ends (RFC 8878, 3.1.1): valid to every decoder, and on loopback the bytes that a real
/// encoder would save are worth nothing.
fn zstd_blocks(payload: &[u8], first: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 16);
    if first {
        out.extend(0xFD2F_B528_u32.to_le_bytes());
        // No content size, no checksum, no dictionary; then a window of 2^(10 + 7) bytes.
        out.extend([0, 7 << 3]);
    }
    for block in payload.chunks(LARGEST_BLOCK) {
        // Bit 0: the last block, bits 1 and 2: its type, 0 for raw, above them its size.
        let header = (block.len() as u32) << 3;
        out.extend(&header.to_le_bytes()[..3]);
        out.extend(block);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn sent(transport: &mut Transport, payloads: &[String]) -> Vec<Vec<u8>> {
        payloads
            .iter()
            .map(|payload| transport.message(payload.clone()).into_data().to_vec())
            .collect()
    }

    fn payloads() -> Vec<String> {
        vec![
            "{\"op\":10}".to_owned(),
            "x".repeat(LARGEST_BLOCK + 5),
            "📌".to_owned(),
        ]
    }

    #[test]
    fn each_zlib_message_gives_its_payload_at_once() {
        let payloads = payloads();
        let mut inflate = flate2::Decompress::new(true);
        let mut transport = Transport::asked_by(Some("zlib-stream"));
        for (payload, message) in payloads.iter().zip(sent(&mut transport, &payloads)) {
            assert!(message.ends_with(&[0, 0, 0xFF, 0xFF]));
            let mut text = Vec::with_capacity(payload.len() + 64);
            inflate
                .decompress_vec(&message, &mut text, flate2::FlushDecompress::Sync)
                .expect("the stream is sound");
            assert_eq!(text, payload.as_bytes());
        }
    }

    #[test]
    fn a_zstandard_decoder_reads_the_stream() {
        let payloads = payloads();
        let mut transport = Transport::asked_by(Some("zstd-stream"));
        let mut stream = sent(&mut transport, &payloads).concat();
        // The frame goes on for ever; an empty last block ends it for a decoder that wants an end.
        stream.extend([1, 0, 0]);
        let mut text = String::new();
        ruzstd::decoding::StreamingDecoder::new(stream.as_slice())
            .expect("the frame's header is sound")
            .read_to_string(&mut text)
            .expect("the blocks are sound");
        assert_eq!(text, payloads.concat());
    }
}
