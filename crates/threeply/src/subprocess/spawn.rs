//! From what a child is to be to the child.

use super::{
    arrangement::{Place, arrange},
    child::Child,
    error::{SpawnError, Step},
    image::Image,
    orphans,
    popen::Popen,
    process::Process,
    streams::Streams,
};
use crate::{
    signal::SignalSet,
    sys::spawn::{Collector, Failure, Plan, spawn as spawn_planned},
};
use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

/// What Python ignores and children should not. (`SIGXFZ` is no signal of Linux.)
const RESTORED: &[libc::c_int] = &[libc::SIGPIPE, libc::SIGXFSZ];

pub(super) fn spawn(popen: &Popen) -> Result<Child, SpawnError> {
    orphans::reap();
    let image = Image::new(popen)?;
    let mut directory = Collector::default();
    if let Some(path) = &popen.directory {
        directory.push(&[path.as_os_str().as_bytes()])?;
    }
    let directory = directory.finish();
    let streams = Streams::open(popen)?;
    let places = streams.places();
    let moves = arrange(&places);
    let plan = Plan {
        programs: &image.programs,
        arguments: &image.arguments,
        environment: &image.environment,
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
        umask: popen.umask,
        restored: if popen.keeps_ignored { &[] } else { RESTORED },
        blocked: popen.blocked.map(SignalSet::bits),
        session: popen.session,
        group: popen.group,
        nicer: popen.nicer,
        limits: &popen.limits,
        parent_death: popen.parent_death,
        groups: popen.groups.as_deref(),
        gid: popen.gid,
        uid: popen.uid,
        hook: popen.hook.as_ref(),
    };
    let spawned = spawn_planned(&plan);
    let spawned = spawned.map_err(|failure| SpawnError::of(failure, subject(popen, failure)))?;
    Ok(Child::new(Process::new(spawned), streams.ours))
}

/// What a failure is about.
fn subject(popen: &Popen, failure: Failure) -> Option<&OsStr> {
    match failure.step {
        Step::Directory => popen.directory.as_ref().map(|path| path.as_os_str()),
        Step::Exec => Some(popen.executable.as_ref().unwrap_or(&popen.program)),
        _ => None,
    }
}
