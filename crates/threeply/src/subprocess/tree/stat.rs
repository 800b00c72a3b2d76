//! What `/proc` says of processes.

use std::{ffi::OsStr, fs, io, process};

/// A process as `/proc` knows it at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: i32,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
}

impl Stat {
    /// Reads about the process that has this number now; `None` if none has.
    pub(super) fn of(pid: i32) -> Option<Self> {
        Self::parse(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Reads about all.
    ///
    /// # Errors
    ///
    /// There is no `/proc`, or it is one of other pids than this process's.
    pub(super) fn all() -> io::Result<Vec<Self>> {
        if fs::read_link("/proc/self")?.as_os_str() != OsStr::new(&process::id().to_string()) {
            let message = "/proc is that of another pid namespace";
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        let mut all = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let pid = name.to_str().and_then(|name| name.parse().ok());
            all.extend(pid.and_then(Self::of));
        }
        Ok(all)
    }

    /// The second field is a name in parentheses, which may hold anything.
    fn parse(pid: i32, text: &[u8]) -> Option<Self> {
        let end = text.iter().rposition(|byte| *byte == b')')?;
        let fields = str::from_utf8(text.get(end + 1..)?).ok()?;
        // After the state.
        let mut numbers = fields.split_ascii_whitespace().skip(1);
        let mut number = || numbers.next()?.parse().ok();
        Some(Self {
            pid,
            parent: number()?,
            group: number()?,
            session: number()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Stat;

    #[test]
    fn a_name_may_hold_anything() {
        let stat = Stat {
            pid: 7,
            parent: 3,
            group: 5,
            session: 4,
        };
        for name in ["cat", "a b", ") R 1 1 1", "((", "\u{ff}\n"] {
            let text = format!("7 ({name}) S 3 5 4 0 -1 4194560 1 2");
            assert_eq!(Stat::parse(7, text.as_bytes()), Some(stat), "{name}");
        }
        assert_eq!(Stat::parse(7, b"7 (cat) S 3 5"), None);
        assert_eq!(Stat::parse(7, b""), None);
    }
}
