//! What a program is started with: itself, its arguments, its environment.

use super::{
    error::SpawnError,
    popen::{Environment, Popen},
};
use crate::sys::{
    environ,
    spawn::{CStrings, Collector},
};
use std::os::unix::ffi::OsStrExt;

/// Where programs are looked for when nobody says: `os.defpath`.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// The strings that `execve` takes.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) programs: CStrings,
    pub(super) arguments: CStrings,
    /// `None`: that of this process, as it is when the program begins; a hook may change it.
    pub(super) environment: Option<CStrings>,
}

impl Image {
    pub(super) fn new(popen: &Popen) -> Result<Self, SpawnError> {
        let entries = entries(&popen.environment)?;
        let program = popen.executable.as_ref().unwrap_or(&popen.program);
        Ok(Self {
            programs: programs(program.as_bytes(), &entries)?,
            arguments: arguments(popen)?,
            environment: if popen.environment.is_unchanged() {
                None
            } else {
                Some(environment(&entries)?)
            },
        })
    }
}

fn arguments(popen: &Popen) -> Result<CStrings, SpawnError> {
    let mut strings = Collector::default();
    for argument in std::iter::once(&popen.program).chain(&popen.arguments) {
        strings.push(&[argument.as_bytes()])?;
    }
    Ok(strings.finish())
}

/// The files that may be the program, as in `os.get_exec_path`: one with a slash is meant as it is.
fn programs(program: &[u8], entries: &[Vec<u8>]) -> Result<CStrings, SpawnError> {
    let mut strings = Collector::default();
    if program.contains(&b'/') {
        strings.push(&[program])?;
        return Ok(strings.finish());
    }
    let path = entries
        .iter()
        .find_map(|entry| entry.strip_prefix(b"PATH="));
    let path = path.unwrap_or(DEFAULT_PATH);
    for folder in path.split(|byte| *byte == b':') {
        let slash: &[u8] = match folder.last() {
            None | Some(b'/') => b"",
            Some(_) => b"/",
        };
        strings.push(&[folder, slash, program])?;
    }
    Ok(strings.finish())
}

/// The entries that the program is to find, in order: those of this process that are not changed, as they are, and those that were set.
fn entries(environment: &Environment) -> Result<Vec<Vec<u8>>, SpawnError> {
    let inherited = (!environment.is_cleared).then(environ::entries);
    let mut entries = inherited.unwrap_or_default();
    entries.retain(|entry| {
        let name = name_of(entry);
        let mut changed = environment.changes.iter();
        !changed.any(|(other, _)| Some(other.as_bytes()) == name)
    });
    for (name, value) in &environment.changes {
        let Some(value) = value else { continue };
        if name.as_bytes().contains(&b'=') {
            return Err(SpawnError::IllegalName(name.clone()));
        }
        entries.push([name.as_bytes(), b"=", value.as_bytes()].concat());
    }
    Ok(entries)
}

/// The name of a variable; `None` for an entry that is none. An `=` at the start belongs to the name, as it does for `std::env`.
fn name_of(entry: &[u8]) -> Option<&[u8]> {
    let end = entry.iter().skip(1).position(|byte| *byte == b'=')? + 1;
    entry.get(..end)
}

fn environment(entries: &[Vec<u8>]) -> Result<CStrings, SpawnError> {
    let mut strings = Collector::default();
    for entry in entries {
        strings.push(&[entry])?;
    }
    Ok(strings.finish())
}
