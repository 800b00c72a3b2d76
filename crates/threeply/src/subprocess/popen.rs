//! What a child is to be.

use super::{
    arrangement::Place,
    child::Child,
    error::SpawnError,
    redirect::Redirect,
    run::{self, Completed, RunError},
    spawn,
    streams::Source,
};
use crate::{park::never_stop, signal::SignalSet, sys::spawn::Hook, time::Deadline};
use std::{
    ffi::{OsStr, OsString},
    ops::ControlFlow,
    os::fd::RawFd,
    path::{Path, PathBuf},
};

/// What a child is to be: a program, its arguments, and all that it finds around it.
///
/// Whatever is ordered here is done between the child's birth and its program, by the child itself, without a hook and without a copy of
/// this process's memory. Of the descriptors of this process the child has the standard streams and those that were
/// [passed](Self::pass_fd).
///
/// # Examples
///
/// ```
/// use threeply::subprocess::{DEVNULL, Outcome, Popen};
///
/// let mut child = Popen::new("sh").args(["-c", "exit 3"]).stdin(DEVNULL).spawn()?;
/// assert_eq!(child.wait(), Outcome::Exited(3));
/// # Ok::<(), threeply::subprocess::SpawnError>(())
/// ```
///
/// # Source
///
/// `class Popen` in CPython's `Lib/subprocess.py`.
#[doc(alias = "Command")]
#[derive(Debug)]
pub struct Popen {
    pub(super) program: OsString,
    pub(super) executable: Option<OsString>,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Environment,
    pub(super) directory: Option<PathBuf>,
    pub(super) redirects: [Redirect; 3],
    pub(super) pipe_size: Option<usize>,
    pub(super) max_output: Option<usize>,
    pub(super) tee: bool,
    pub(super) passed: Vec<Place>,
    pub(super) inherits_fds: bool,
    pub(super) keeps_ignored: bool,
    pub(super) blocked: Option<SignalSet>,
    pub(super) own_tree: bool,
    pub(super) session: bool,
    pub(super) group: Option<libc::pid_t>,
    pub(super) umask: Option<libc::mode_t>,
    pub(super) nicer: Option<i32>,
    pub(super) limits: Vec<(i32, libc::rlimit64)>,
    pub(super) parent_death: Option<i32>,
    pub(super) uid: Option<libc::uid_t>,
    pub(super) gid: Option<libc::gid_t>,
    pub(super) groups: Option<Vec<libc::gid_t>>,
    pub(super) hook: Option<Hook>,
}

/// The variables of a child, as changes of those of this process or of none.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) is_cleared: bool,
    /// In the order in which they were made; `None` removes.
    pub(super) changes: Vec<(OsString, Option<OsString>)>,
}

impl Environment {
    /// Whether it is this process's own.
    pub(super) fn is_unchanged(&self) -> bool {
        !self.is_cleared && self.changes.is_empty()
    }

    fn change(&mut self, name: &OsStr, value: Option<OsString>) {
        match self.changes.iter_mut().find(|(other, _)| other == name) {
            Some((_, known)) => *known = value,
            None => self.changes.push((name.to_owned(), value)),
        }
    }
}

impl Popen {
    /// A child that runs `program`, which is looked for in the child's `PATH` unless it holds a slash.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            executable: None,
            arguments: Vec::new(),
            environment: Environment::default(),
            directory: None,
            redirects: Default::default(),
            pipe_size: None,
            max_output: None,
            tee: false,
            passed: Vec::new(),
            inherits_fds: false,
            keeps_ignored: false,
            blocked: None,
            own_tree: false,
            session: false,
            group: None,
            umask: None,
            nicer: None,
            limits: Vec::new(),
            parent_death: None,
            uid: None,
            gid: None,
            groups: None,
            hook: None,
        }
    }

    /// A child in which `/bin/sh` runs `command`. Arguments that follow are `$0`, `$1` and so on.
    pub fn shell(command: impl AsRef<OsStr>) -> Self {
        let mut popen = Self::new("/bin/sh");
        popen.arg("-c").arg(command);
        popen
    }

    /// Runs this file, while the program still finds its name as argument 0.
    pub fn executable(&mut self, file: impl AsRef<OsStr>) -> &mut Self {
        self.executable = Some(file.as_ref().to_owned());
        self
    }

    /// Adds an argument.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        let arguments = arguments.into_iter();
        self.arguments
            .extend(arguments.map(|one| one.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        let value = Some(value.as_ref().to_owned());
        self.environment.change(name.as_ref(), value);
        self
    }

    /// Removes a variable. An entry of this process's environment that is none, for want of a `=`, stays.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.environment.change(name.as_ref(), None);
        self
    }

    /// Removes all variables, those of this process and those that were set here before.
    pub fn env_clear(&mut self) -> &mut Self {
        self.environment.is_cleared = true;
        self.environment.changes.clear();
        self
    }

    /// Gives the program these variables and no others, in this order.
    #[doc(alias = "env")]
    pub fn environment(
        &mut self,
        variables: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    ) -> &mut Self {
        self.env_clear();
        let owned = variables.into_iter().map(|(name, value)| {
            let value = Some(value.as_ref().to_owned());
            (name.as_ref().to_owned(), value)
        });
        self.environment.changes.extend(owned);
        self
    }

    /// Has the program run in this directory. A relative name of the program is looked for from there too.
    #[doc(alias = "cwd")]
    pub fn current_dir(&mut self, directory: impl AsRef<Path>) -> &mut Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Says where standard input comes from.
    pub fn stdin(&mut self, from: impl Into<Redirect>) -> &mut Self {
        self.redirects[0] = from.into();
        self
    }

    /// Says where standard output goes.
    pub fn stdout(&mut self, to: impl Into<Redirect>) -> &mut Self {
        self.redirects[1] = to.into();
        self
    }

    /// Says where standard error goes.
    pub fn stderr(&mut self, to: impl Into<Redirect>) -> &mut Self {
        self.redirects[2] = to.into();
        self
    }

    /// Makes pipes of at least so many bytes.
    pub fn pipe_size(&mut self, bytes: usize) -> &mut Self {
        self.pipe_size = Some(bytes);
        self
    }

    /// Has a [`run`](Self::run) keep at most so many bytes of each output that is a pipe. A child that writes more is killed, with its
    /// [own tree](Self::own_tree) if it has one, and the run fails with [`RunError::TooMuchOutput`].
    ///
    /// # Examples
    ///
    /// ```
    /// use threeply::subprocess::{PIPE, Popen, RunError};
    ///
    /// let run = Popen::new("yes").stdout(PIPE).max_output(4).run();
    /// let Err(RunError::TooMuchOutput { stdout, .. }) = run else { panic!("it has no end") };
    /// assert_eq!(stdout, b"y\ny\n");
    /// ```
    pub fn max_output(&mut self, bytes: usize) -> &mut Self {
        self.max_output = Some(bytes);
        self
    }

    /// Has a [`run`](Self::run) show what it collects on this process's own standard output and error as well, as it comes.
    ///
    /// It is written past `std::io::stdout()`, which may hold something back that was to come first. See
    /// [`Communication::tee`](super::Communication::tee) for how it goes.
    pub fn tee(&mut self) -> &mut Self {
        self.tee = true;
        self
    }

    /// Lets the program have this descriptor, under its number.
    #[doc(alias = "pass_fds")]
    pub fn pass_fd(&mut self, fd: RawFd) -> &mut Self {
        self.pass_fd_as(fd, fd)
    }

    /// Lets the program have this descriptor under another number. The last one of several for a number counts, and a redirection
    /// before any.
    pub fn pass_fd_as(&mut self, fd: RawFd, number: RawFd) -> &mut Self {
        let (from, to) = (fd, number);
        self.passed.push(Place { from, to });
        self
    }

    /// Lets the program have every descriptor of this process that is not closed by an exec.
    #[doc(alias = "close_fds")]
    pub fn inherit_fds(&mut self) -> &mut Self {
        self.inherits_fds = true;
        self
    }

    /// Leaves `SIGPIPE` and `SIGXFSZ` ignored where this process ignores them. Rust and Python do, and few programs expect it.
    #[doc(alias = "restore_signals")]
    pub fn keep_ignored_signals(&mut self) -> &mut Self {
        self.keeps_ignored = true;
        self
    }

    /// Has the program find exactly these signals blocked, instead of those that the calling thread blocks.
    pub fn signal_mask(&mut self, signals: SignalSet) -> &mut Self {
        self.blocked = Some(signals);
        self
    }

    /// Starts a session, of which the child is the leader.
    #[doc(alias = "start_new_session")]
    pub fn session(&mut self) -> &mut Self {
        self.session = true;
        self
    }

    /// Puts the child into this process group; 0 is one of its own.
    pub fn process_group(&mut self, group: i32) -> &mut Self {
        self.group = Some(group);
        self
    }

    /// Prepares the child so that everything it starts can be [killed](super::Process::kill_tree) with it, and has
    /// [`run_until`](Self::run_until) do so when it gives up.
    ///
    /// The child gets a cgroup of its own in this process's one, where that may be made, which is removed when it is empty; and it starts a
    /// [session](Self::session), unless a [process group](Self::process_group) is ordered. So a terminal's Ctrl-C does not
    /// reach it by itself. [`Process::containment`](super::Process::containment) says what it came to.
    #[doc(alias = "kill_tree")]
    pub fn own_tree(&mut self) -> &mut Self {
        self.own_tree = true;
        self
    }

    pub(super) fn starts_session(&self) -> bool {
        self.session || self.own_tree && self.group.is_none()
    }

    /// Sets the file mode creation mask.
    pub fn umask(&mut self, mask: u32) -> &mut Self {
        self.umask = Some(mask);
        self
    }

    /// Makes the child nicer by this much than the calling thread, or less nice if it may.
    pub fn nice(&mut self, increment: i32) -> &mut Self {
        self.nicer = Some(increment);
        self
    }

    /// Limits a resource (`RLIMIT_...`), softly and hard. The greatest number is no limit.
    pub fn limit(&mut self, resource: i32, soft: u64, hard: u64) -> &mut Self {
        let limit = libc::rlimit64 {
            rlim_cur: soft,
            rlim_max: hard,
        };
        self.limits.push((resource, limit));
        self
    }

    /// Has the kernel send the child this signal when the *thread* that starts it ends, or its whole process.
    ///
    /// A program that the kernel starts with rights of its own does not get it (`PR_SET_PDEATHSIG(2const)`).
    pub fn parent_death_signal(&mut self, signal: i32) -> &mut Self {
        self.parent_death = Some(signal);
        self
    }

    /// Runs the program as this user.
    pub fn user(&mut self, uid: u32) -> &mut Self {
        self.uid = Some(uid);
        self
    }

    /// Runs the program as this group.
    pub fn group(&mut self, gid: u32) -> &mut Self {
        self.gid = Some(gid);
        self
    }

    /// Gives the program exactly these supplementary groups.
    #[doc(alias = "extra_groups")]
    pub fn groups(&mut self, groups: impl IntoIterator<Item = u32>) -> &mut Self {
        self.groups = Some(groups.into_iter().collect());
        self
    }

    /// Runs a function in the child, after all else and before the program. The child is made by `fork` then, whose time grows with this
    /// process's memory.
    #[doc(alias = "preexec_fn")]
    #[doc(alias = "pre_exec")]
    pub fn before_exec(&mut self, hook: Hook) -> &mut Self {
        self.hook = Some(hook);
        self
    }

    /// Starts a child. Returns when its program runs.
    ///
    /// # Errors
    ///
    /// [`SpawnError`]: what was asked for cannot be, or one step failed. Then there is no child.
    pub fn spawn(&self) -> Result<Child, SpawnError> {
        let Ok(child) = self.spawn_unless(never_stop);
        child
    }

    /// Starts a child, unless `interrupted` says `Break` before its program runs. Then the child is killed and reaped, and nothing is
    /// left of it but what its hook did elsewhere.
    ///
    /// `interrupted` is asked whenever the sleep of this thread is interrupted, of which there is one for a child with a
    /// [hook](Self::before_exec) only: any other is made while the thread waits in the kernel, in no time that grows with anything, and
    /// this is as [`spawn`](Self::spawn).
    ///
    /// # Errors
    ///
    /// The outer one is what `interrupted` gave as its reason, the inner one as of [`spawn`](Self::spawn).
    pub fn spawn_unless<S>(
        &self,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<Child, SpawnError>, S> {
        self.spawn_with(self.redirects.each_ref().map(Source::Ordered), interrupted)
    }

    /// Starts a child whose standard streams are these.
    pub(super) fn spawn_with<S>(
        &self,
        sources: [Source<'_>; 3],
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<Child, SpawnError>, S> {
        spawn::spawn(self, sources, interrupted)
    }

    /// Runs a child to its end, and collects what it writes to pipes. A pipe for its input is closed at once.
    ///
    /// # Errors
    ///
    /// [`RunError`]: it did not start, or could not be talked to. How it ended is no error; see [`Completed::check`].
    ///
    /// # Examples
    ///
    /// ```
    /// use threeply::subprocess::{PIPE, Popen};
    ///
    /// let date = Popen::new("echo").arg("today").stdout(PIPE).run()?.check()?;
    /// assert_eq!(date.stdout, b"today\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run(&self) -> Result<Completed, RunError> {
        self.run_until(&[], Deadline::NEVER)
    }

    /// Runs a child to its end, but not beyond the deadline, and sends it this input where that is a pipe.
    ///
    /// # Errors
    ///
    /// [`RunError`]: as of [`run`](Self::run), or the deadline passed, and the child was killed: with all that it
    /// had started, if it has its [own tree](Self::own_tree); else that may go on.
    pub fn run_until(&self, input: &[u8], deadline: Deadline) -> Result<Completed, RunError> {
        run::run(self, input, deadline)
    }
}
