//! The descriptors that one start of a child needs: the ends of pipes, `/dev/null`, and what was handed over.

use super::{
    arrangement::Place,
    error::{SpawnError, Step},
    popen::Popen,
    redirect::Redirect,
};
use crate::sys::spawn::{Reopened, is_open};
use rustix::{
    fs::{OFlags, fstat},
    pipe::{PipeFlags, fcntl_setpipe_size, pipe_with},
};
use std::{
    collections::BTreeMap,
    ffi::CString,
    fs::OpenOptions,
    io,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    process,
};

/// So many descriptors are worth five system calls for each that is opened anew.
const MANY: RawFd = 256;

/// Where a standard stream of one child comes from or goes to.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// As it was ordered.
    Ordered(&'a Redirect),
    /// An end of a new pipe, which is closed here once the child has it.
    Piped(OwnedFd),
}

/// What was opened for a child, and where it goes.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// This process's ends of the three pipes.
    pub(super) ours: [Option<OwnedFd>; 3],
    /// The child's ends, open here until the child has them.
    theirs: Vec<(OwnedFd, OFlags)>,
    /// By the number under which the program finds it.
    places: BTreeMap<RawFd, RawFd>,
    null: Option<RawFd>,
}

impl Streams {
    pub(super) fn open(popen: &Popen, sources: [Source<'_>; 3]) -> Result<Self, SpawnError> {
        check_open(popen, &sources)?;
        let mut streams = Self::default();
        for fd in &popen.passed {
            streams.places.insert(fd.to, fd.from);
        }
        for (number, source) in (0..).zip(sources) {
            let from = match source {
                Source::Ordered(redirect) => streams.source(number, redirect, popen.pipe_size)?,
                Source::Piped(end) => Some(streams.keep(end, access(number))),
            };
            if let Some(from) = from {
                streams.places.insert(number, from);
            }
        }
        Ok(streams)
    }

    /// Every descriptor that the program is to have beside those it inherits.
    pub(super) fn places(&self) -> Vec<Place> {
        let places = self.places.iter();
        places.map(|(&to, &from)| Place { from, to }).collect()
    }

    /// The highest number that the child needs, at least 2; without what was opened here, or with it.
    pub(super) fn highest(&self, with_opened: bool) -> RawFd {
        let is_opened = |fd: &RawFd| self.theirs.iter().any(|(own, _)| own.as_raw_fd() == *fd);
        let numbers = self.places.values().copied();
        let counted = numbers.filter(|fd| with_opened || !is_opened(fd));
        counted.fold(2, RawFd::max)
    }

    /// What was opened here, if it lies so far above all else that the child does better to open it anew.
    pub(super) fn reopened(&self) -> Vec<Reopened> {
        if self.highest(true) - self.highest(false) < MANY {
            return Vec::new();
        }
        let pid = process::id();
        let files = self.theirs.iter().map(|(fd, access)| {
            let stat = fstat(fd).ok()?;
            let number = fd.as_raw_fd();
            Some(Reopened {
                number,
                path: CString::new(format!("/proc/{pid}/fd/{number}")).ok()?,
                access: i32::try_from(access.bits()).ok()?,
                identity: (stat.st_dev, stat.st_ino),
            })
        });
        // All of them or none.
        files.collect::<Option<_>>().unwrap_or_default()
    }

    /// The descriptor that becomes stream `number` of the child.
    fn source(
        &mut self,
        number: RawFd,
        redirect: &Redirect,
        pipe_size: Option<usize>,
    ) -> Result<Option<RawFd>, SpawnError> {
        let opening = |error: io::Error| SpawnError::at(Step::Open, &error);
        Ok(match redirect {
            Redirect::Inherit => None,
            Redirect::Pipe => Some(self.pipe(number, pipe_size).map_err(opening)?),
            Redirect::Null => Some(self.null().map_err(opening)?),
            Redirect::Stdout => Some(self.places.get(&1).copied().unwrap_or(1)),
            Redirect::Number(fd) => Some(*fd),
            Redirect::Owned(fd) => Some(fd.as_raw_fd()),
        })
    }

    fn pipe(&mut self, number: RawFd, size: Option<usize>) -> io::Result<RawFd> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        if let Some(size) = size {
            fcntl_setpipe_size(&writer, size)?;
        }
        let (ours, theirs) = match number {
            0 => (writer, reader),
            _ => (reader, writer),
        };
        if let Some(place) = usize::try_from(number)
            .ok()
            .and_then(|n| self.ours.get_mut(n))
        {
            *place = Some(ours);
        }
        Ok(self.keep(theirs, access(number)))
    }

    fn null(&mut self) -> io::Result<RawFd> {
        if let Some(null) = self.null {
            return Ok(null);
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/null")?;
        let null = self.keep(file.into(), OFlags::RDWR);
        self.null = Some(null);
        Ok(null)
    }

    fn keep(&mut self, fd: OwnedFd, access: OFlags) -> RawFd {
        let number = fd.as_raw_fd();
        self.theirs.push((fd, access));
        number
    }
}

/// What a child does with the end of a pipe that is its stream `number`.
fn access(number: RawFd) -> OFlags {
    match number {
        0 => OFlags::RDONLY,
        _ => OFlags::WRONLY,
    }
}

/// Refuses numbers under which nothing is open, before what we open ourselves gets one of them.
fn check_open(popen: &Popen, sources: &[Source<'_>]) -> Result<(), SpawnError> {
    let redirected = sources.iter().filter_map(|source| match source {
        Source::Ordered(Redirect::Number(fd)) => Some(*fd),
        _ => None,
    });
    let mut named = redirected.chain(popen.passed.iter().map(|place| place.from));
    if named.any(|fd| !is_open(fd)) || popen.passed.iter().any(|place| place.to < 0) {
        let error = io::Error::from_raw_os_error(libc::EBADF);
        return Err(SpawnError::at(Step::Descriptors, &error));
    }
    Ok(())
}
