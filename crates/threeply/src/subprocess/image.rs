//! What a program is started with: itself, its arguments, its environment.

use super::{
    error::SpawnError,
    popen::{Environment, Popen},
};
use crate::sys::spawn::{CStrings, Collector};
use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
};

/// Where programs are looked for when nobody says: `os.defpath`.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// The strings that `execve` takes.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) programs: CStrings,
    pub(super) arguments: CStrings,
    pub(super) environment: CStrings,
}

impl Image {
    pub(super) fn new(popen: &Popen) -> Result<Self, SpawnError> {
        let variables = variables(&popen.environment);
        let program = popen.executable.as_ref().unwrap_or(&popen.program);
        Ok(Self {
            programs: programs(program.as_bytes(), &variables)?,
            arguments: arguments(popen)?,
            environment: environment(&variables)?,
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
fn programs(program: &[u8], variables: &[(OsString, OsString)]) -> Result<CStrings, SpawnError> {
    let mut strings = Collector::default();
    if program.contains(&b'/') {
        strings.push(&[program])?;
        return Ok(strings.finish());
    }
    let path = variables.iter().find(|(name, _)| name == "PATH");
    let path = path.map_or(DEFAULT_PATH, |(_, path)| path.as_bytes());
    for folder in path.split(|byte| *byte == b':') {
        let slash: &[u8] = match folder.last() {
            None | Some(b'/') => b"",
            Some(_) => b"/",
        };
        strings.push(&[folder, slash, program])?;
    }
    Ok(strings.finish())
}

/// The variables that the program is to find, in order.
fn variables(environment: &Environment) -> Vec<(OsString, OsString)> {
    let is_changed = |name: &OsStr| environment.changes.iter().any(|(other, _)| other == name);
    let inherited = (!environment.is_cleared).then(std::env::vars_os);
    let mut variables: Vec<_> = inherited
        .into_iter()
        .flatten()
        .filter(|(name, _)| !is_changed(name))
        .collect();
    let set = |(name, value): &(OsString, Option<OsString>)| Some((name.clone(), value.clone()?));
    variables.extend(environment.changes.iter().filter_map(set));
    variables
}

fn environment(variables: &[(OsString, OsString)]) -> Result<CStrings, SpawnError> {
    let mut strings = Collector::default();
    for (name, value) in variables {
        if name.as_bytes().contains(&b'=') {
            return Err(SpawnError::IllegalName(name.clone()));
        }
        strings.push(&[name.as_bytes(), b"=", value.as_bytes()])?;
    }
    Ok(strings.finish())
}
