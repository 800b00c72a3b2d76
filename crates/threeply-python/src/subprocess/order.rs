//! What a child is to be, out of the arguments of `Process`.
//!
//! The executable and the arguments of the program come by position, everything else by keyword; what is `None` is not ordered.

use crate::{
    error,
    ffi::{
        args::Args,
        bytes::Name,
        fork::Preexec,
        object::{Object, Raised},
    },
    signal::set_from,
};
use pyo3::Python;
use std::ffi::CStr;
use threeply::subprocess::{Popen, Redirect};

/// A stream that the child inherits.
const INHERITED: i32 = -1;

/// How one keyword's value is ordered.
type Apply = for<'py> fn(&mut Order<'py>, Object<'py>) -> Result<(), Raised>;

const OPTIONS: [(&CStr, Apply); 18] = [
    (c"environment", environment),
    (c"directory", directory),
    (c"streams", streams),
    (c"pass_fds", pass_fds),
    (c"close_fds", close_fds),
    (c"restore_signals", restore_signals),
    (c"session", session),
    (c"process_group", process_group),
    (c"gid", gid),
    (c"groups", groups),
    (c"uid", uid),
    (c"umask", umask),
    (c"hook", hook),
    (c"nice", nice),
    (c"rlimits", rlimits),
    (c"sigmask", sigmask),
    (c"parent_death_signal", parent_death_signal),
    (c"own_tree", own_tree),
];

/// What a child is to be, and what the caller called it.
pub(super) struct Order<'py> {
    pub(super) popen: Popen,
    /// As Python gave it.
    pub(super) program: Object<'py>,
    pub(super) directory: Option<Object<'py>>,
    pub(super) preexec: Option<Preexec>,
}

impl<'py> Order<'py> {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    ///
    /// `TypeError`, `ValueError`, `OverflowError`.
    pub(super) fn read(py: Python<'py>, args: Args<'py>) -> Result<Self, Raised> {
        let Some([program, arguments]) = args.positional() else {
            return Err(error::type_error(
                py,
                "a program and its arguments are missing",
            ));
        };
        let mut order = Self {
            popen: popen(program, arguments)?,
            program,
            directory: None,
            preexec: None,
        };
        args.each_keyword(|name, value| {
            let Some((_, apply)) = OPTIONS.iter().find(|(text, _)| name.is_text(text)) else {
                return Err(error::unexpected_keyword(py, "Process", name));
            };
            if value.is_none() {
                return Ok(());
            }
            apply(&mut order, value)
        })?;
        Ok(order)
    }
}

/// A program that is called by the first of its arguments.
fn popen(program: Object<'_>, arguments: Object<'_>) -> Result<Popen, Raised> {
    let mut popen: Option<Popen> = None;
    arguments.each(|argument| {
        let argument = Name::of(argument)?;
        match &mut popen {
            None => popen = Some(Popen::new(argument.as_os_str())),
            Some(popen) => {
                popen.arg(argument.as_os_str());
            }
        }
        Ok(())
    })?;
    // The kernel gives an empty name to a program that is given no arguments at all.
    let mut popen = popen.unwrap_or_else(|| Popen::new(""));
    popen.executable(Name::of(program)?.as_os_str());
    Ok(popen)
}

fn environment<'py>(order: &mut Order<'py>, pairs: Object<'py>) -> Result<(), Raised> {
    let mut variables = Vec::new();
    pairs.each(|pair| {
        let Some([name, value]) = pair.pair() else {
            return Err(error::type_error(pair.py(), "env must be a mapping"));
        };
        variables.push((Name::of(name)?, Name::of(value)?));
        Ok(())
    })?;
    let strings = variables.iter();
    let strings = strings.map(|(name, value)| (name.as_os_str(), value.as_os_str()));
    order.popen.environment(strings);
    Ok(())
}

fn directory<'py>(order: &mut Order<'py>, directory: Object<'py>) -> Result<(), Raised> {
    order.directory = Some(directory);
    order.popen.current_dir(Name::of(directory)?.as_os_str());
    Ok(())
}

/// Three numbers of descriptors; -1 is a stream that the child inherits.
fn streams<'py>(order: &mut Order<'py>, streams: Object<'py>) -> Result<(), Raised> {
    let orders = [Popen::stdin, Popen::stdout, Popen::stderr];
    let mut orders = orders.into_iter();
    streams.each(|stream| {
        let number: i32 = number(stream, "a standard stream")?;
        let Some(redirect) = orders.next() else {
            return Ok(());
        };
        if number != INHERITED {
            redirect(&mut order.popen, Redirect::Number(number));
        }
        Ok(())
    })
}

fn pass_fds<'py>(order: &mut Order<'py>, fds: Object<'py>) -> Result<(), Raised> {
    fds.each(|fd| {
        let fd: i32 = number(fd, "pass_fds")?;
        if fd < 0 {
            let message = format!("bad value in pass_fds: {fd} is no descriptor");
            return Err(error::value_error(fds.py(), &message));
        }
        order.popen.pass_fd(fd);
        Ok(())
    })
}

fn close_fds<'py>(order: &mut Order<'py>, closes: Object<'py>) -> Result<(), Raised> {
    if !closes.truth()? {
        order.popen.inherit_fds();
    }
    Ok(())
}

fn restore_signals<'py>(order: &mut Order<'py>, restores: Object<'py>) -> Result<(), Raised> {
    if !restores.truth()? {
        order.popen.keep_ignored_signals();
    }
    Ok(())
}

fn session<'py>(order: &mut Order<'py>, wanted: Object<'py>) -> Result<(), Raised> {
    if wanted.truth()? {
        order.popen.session();
    }
    Ok(())
}

fn process_group<'py>(order: &mut Order<'py>, group: Object<'py>) -> Result<(), Raised> {
    order.popen.process_group(number(group, "process_group")?);
    Ok(())
}

fn gid<'py>(order: &mut Order<'py>, gid: Object<'py>) -> Result<(), Raised> {
    order.popen.group(number(gid, "group")?);
    Ok(())
}

fn groups<'py>(order: &mut Order<'py>, groups: Object<'py>) -> Result<(), Raised> {
    let mut gids = Vec::new();
    groups.each(|gid| {
        // As the standard one says it.
        let number = u32::try_from(gid.integer()?);
        gids.push(number.map_err(|_| error::value_error(gid.py(), "invalid group id"))?);
        Ok(())
    })?;
    order.popen.groups(gids);
    Ok(())
}

fn uid<'py>(order: &mut Order<'py>, uid: Object<'py>) -> Result<(), Raised> {
    order.popen.user(number(uid, "user")?);
    Ok(())
}

fn umask<'py>(order: &mut Order<'py>, mask: Object<'py>) -> Result<(), Raised> {
    order.popen.umask(number(mask, "umask")?);
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all options")]
fn hook<'py>(order: &mut Order<'py>, function: Object<'py>) -> Result<(), Raised> {
    let (preexec, hook) = Preexec::new(function);
    order.popen.before_exec(hook);
    order.preexec = Some(preexec);
    Ok(())
}

fn nice<'py>(order: &mut Order<'py>, increment: Object<'py>) -> Result<(), Raised> {
    order.popen.nice(number(increment, "nice")?);
    Ok(())
}

/// Pairs of a resource, and its soft and hard limit; `RLIM_INFINITY`, which is -1 before Python
/// 3.15, is no limit.
fn rlimits<'py>(order: &mut Order<'py>, limits: Object<'py>) -> Result<(), Raised> {
    let malformed = || {
        let message = "rlimits must map resources to pairs of a soft and a hard limit";
        error::type_error(limits.py(), message)
    };
    limits.each(|limit| {
        let [resource, pair] = limit.pair().ok_or_else(malformed)?;
        let [soft, hard] = pair.pair().ok_or_else(malformed)?;
        let resource: i32 = number(resource, "rlimits")?;
        order.popen.limit(resource, most(soft)?, most(hard)?);
        Ok(())
    })
}

fn most(limit: Object<'_>) -> Result<u64, Raised> {
    // A signed number has no room for all of them.
    if limit.is_integer()
        && let Some(most) = limit.unsigned()
    {
        return Ok(most);
    }
    match limit.integer()? {
        -1 => Ok(u64::MAX),
        _ => number(limit, "rlimits"),
    }
}

fn sigmask<'py>(order: &mut Order<'py>, signals: Object<'py>) -> Result<(), Raised> {
    order.popen.signal_mask(set_from(signals)?);
    Ok(())
}

fn parent_death_signal<'py>(order: &mut Order<'py>, signal: Object<'py>) -> Result<(), Raised> {
    let signal = number(signal, "parent_death_signal")?;
    order.popen.parent_death_signal(signal);
    Ok(())
}

fn own_tree<'py>(order: &mut Order<'py>, wanted: Object<'py>) -> Result<(), Raised> {
    if wanted.truth()? {
        order.popen.own_tree();
    }
    Ok(())
}

/// An integer of the kernel's type.
///
/// # Errors
///
/// `TypeError` where it is none, `OverflowError` where it does not fit; both name the argument.
fn number<N: TryFrom<i128>>(value: Object<'_>, argument: &str) -> Result<N, Raised> {
    let py = value.py();
    if !value.is_integer() {
        let message = format!("{argument} must be an integer, not {}", value.class_name());
        return Err(error::type_error(py, &message));
    }
    N::try_from(value.integer()?)
        .map_err(|_| error::overflow_error(py, &format!("{argument} is out of range")))
}
