//! From what a child is to be to the child.

use super::{
    arrangement::{Place, arrange},
    child::Child,
    error::{SpawnError, Step},
    image::Image,
    orphans,
    popen::Popen,
    process::Process,
    streams::{Source, Streams},
    tree::{Cgroup, Tree},
};
use crate::{
    park::{self, Watched},
    signal::SignalSet,
    sys::spawn::{Collector, Failure, Plan, Starting, spawn as spawn_planned},
    time::Deadline,
};
use std::{
    ffi::OsStr,
    ops::ControlFlow,
    os::{fd::AsFd, unix::ffi::OsStrExt},
};

/// What Python ignores and children should not. (`SIGXFZ` is no signal of Linux.)
const RESTORED: &[libc::c_int] = &[libc::SIGPIPE, libc::SIGXFSZ];

/// Starts a child, and gives it up if `interrupted` says so while it has not come to its program.
pub(super) fn spawn<S>(
    popen: &Popen,
    sources: [Source<'_>; 3],
    interrupted: impl FnMut() -> ControlFlow<S>,
) -> Result<Result<Child, SpawnError>, S> {
    // Made before the child and, should that not be, removed after it.
    let cgroup = popen.own_tree.then(Cgroup::create).flatten();
    let (starting, streams) = match start(popen, sources, cgroup.as_ref()) {
        Ok(started) => started,
        Err(error) => return Ok(Err(error)),
    };
    await_program(&starting, interrupted)?;
    let spawned = starting.finish();
    let spawned = spawned.map_err(|failure| SpawnError::of(failure, subject(popen, failure)));
    Ok(spawned.map(|spawned| {
        let tree = Tree::new(popen, cgroup.filter(|_| spawned.is_in_cgroup));
        Child::new(Process::new(spawned, tree), streams.ours)
    }))
}

/// Waits until the program runs, or it is known that it will not.
fn await_program<S>(
    starting: &Starting,
    interrupted: impl FnMut() -> ControlFlow<S>,
) -> Result<(), S> {
    let Some(file) = starting.awaited() else {
        return Ok(());
    };
    // Where the kernel has no memory for such a wait, `finish` waits in its own way.
    let _ = park::poll(&mut [Watched::to_read(&file)], Deadline::NEVER, interrupted)?;
    Ok(())
}

fn start(
    popen: &Popen,
    sources: [Source<'_>; 3],
    cgroup: Option<&Cgroup>,
) -> Result<(Starting, Streams), SpawnError> {
    orphans::reap();
    let image = Image::new(popen)?;
    let mut directory = Collector::default();
    if let Some(path) = &popen.directory {
        directory.push(&[path.as_os_str().as_bytes()])?;
    }
    let directory = directory.finish();
    let streams = Streams::open(popen, sources)?;
    let places = streams.places();
    let members = cgroup.and_then(Cgroup::members);
    let moves = arrange(&places);
    let plan = Plan {
        programs: &image.programs,
        arguments: &image.arguments,
        environment: image.environment.as_ref(),
        directory: directory.iter().next(),
        moves: &moves,
        kept: &places
            .iter()
            .map(|place: &Place| place.to)
            .collect::<Vec<_>>(),
        closes_others: !popen.inherits_fds,
        highest: streams.highest(true),
        reopened: &streams.reopened(),
        highest_taken: streams.highest(false),
        cgroup: members.as_ref().map(AsFd::as_fd),
        umask: popen.umask,
        restored: if popen.keeps_ignored { &[] } else { RESTORED },
        blocked: popen.blocked.map(SignalSet::bits),
        session: popen.starts_session(),
        group: popen.group,
        nicer: popen.nicer,
        limits: &popen.limits,
        parent_death: popen.parent_death,
        groups: popen.groups.as_deref(),
        gid: popen.gid,
        uid: popen.uid,
        hook: popen.hook.as_ref(),
    };
    let starting = spawn_planned(&plan);
    let starting = starting.map_err(|failure| SpawnError::of(failure, subject(popen, failure)))?;
    Ok((starting, streams))
}

/// What a failure is about.
fn subject(popen: &Popen, failure: Failure) -> Option<&OsStr> {
    match failure.step {
        Step::Directory => popen.directory.as_ref().map(|path| path.as_os_str()),
        Step::Exec => Some(popen.executable.as_ref().unwrap_or(&popen.program)),
        _ => None,
    }
}
