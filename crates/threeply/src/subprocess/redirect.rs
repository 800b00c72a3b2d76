//! Where a standard stream of a child comes from or goes to.

use std::{
    fs::File,
    os::fd::{OwnedFd, RawFd},
    sync::Arc,
};

/// Where a standard stream of a child comes from or goes to.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Redirect {
    /// Wherever this process has it.
    #[default]
    Inherit,
    /// A pipe, whose other end the [`Child`](super::Child) has.
    Pipe,
    /// `/dev/null`.
    Null,
    /// Where standard output goes. For standard error only; any other stream takes this process's standard output.
    Stdout,
    /// A descriptor of this process, by its number. It stays open here.
    Number(RawFd),
    /// A descriptor that is kept open here as long as the [`Popen`](super::Popen) lives.
    Owned(Arc<OwnedFd>),
}

/// A pipe between this process and the child.
pub const PIPE: Redirect = Redirect::Pipe;

/// `/dev/null`.
pub const DEVNULL: Redirect = Redirect::Null;

/// Standard error goes where standard output goes.
pub const STDOUT: Redirect = Redirect::Stdout;

impl From<OwnedFd> for Redirect {
    fn from(fd: OwnedFd) -> Self {
        Self::Owned(Arc::new(fd))
    }
}

impl From<File> for Redirect {
    fn from(file: File) -> Self {
        OwnedFd::from(file).into()
    }
}
