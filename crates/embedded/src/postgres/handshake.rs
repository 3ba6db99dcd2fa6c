//! Whether a server takes connections: the first message of PostgreSQL's
//! protocol and the first byte of the answer, so that no client is needed.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::settings;

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const PROTOCOL_3_0: u32 = 196_608;
/// "The database system is starting up", "... is shutting down", "... in recovery".
const CANNOT_CONNECT_NOW: &[u8] = b"C57P03\0";
/// An answer is an error message of a few hundred bytes at most.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Whether the server behind the socket in `socket_dir` takes connections.
pub(crate) fn is_ready(socket_dir: &Path) -> bool {
    ask(&settings::socket(socket_dir)).unwrap_or(false)
}

fn ask(socket: &Path) -> io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    stream.write_all(&startup_message())?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    match &kind {
        // It asks for or confirms who we are: it would go on.
        b"R" => {
            // Terminate, lest the server's log complain; it answered, so that it may hang up first.
            let _ = stream.write_all(&[b'X', 0, 0, 0, 4]);
            Ok(true)
        }
        b"E" => {
            let mut rest = Vec::new();
            stream.take(ANSWER_BYTES_MAX).read_to_end(&mut rest)?;
            Ok(!rest
                .windows(CANNOT_CONNECT_NOW.len())
                .any(|window| window == CANNOT_CONNECT_NOW))
        }
        _ => Ok(false),
    }
}

fn startup_message() -> Vec<u8> {
    let mut body = PROTOCOL_3_0.to_be_bytes().to_vec();
    body.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [length.to_be_bytes().to_vec(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn answer(bytes: &'static [u8]) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(settings::socket(dir.path())).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 41];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(bytes).unwrap();
        });
        let ready = is_ready(dir.path());
        server.join().unwrap();
        ready
    }

    #[test]
    fn a_server_is_ready_unless_it_says_that_it_is_not_yet() {
        assert_eq!(startup_message().len(), 41);
        assert!(answer(b"R\0\0\0\x08\0\0\0\0"));
        assert!(!answer(
            b"E\0\0\0\x40SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
        ));
        assert!(answer(
            b"E\0\0\0\x40SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"
        ));
        assert!(!answer(b""));
        assert!(!is_ready(Path::new("/nonexistent")));
    }
}
