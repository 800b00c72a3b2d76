//! Numbers of signals, as Python gives them and wants them.

use crate::{
    error,
    ffi::{
        call,
        object::{Answer, Name, Object, Owned, Raised},
    },
};
use threeply::signal::SignalSet;

static SIGNALS: Name = Name::new(c"Signals");
static MEMBERS: Name = Name::new(c"_value2member_map_");

/// The highest number of a signal.
const HIGHEST: i32 = 64;

/// An argument as a C `int`.
///
/// # Errors
///
/// `TypeError`, `OverflowError`.
pub(crate) fn number(value: Object<'_>) -> Result<i32, Raised> {
    let number = value.integer()?;
    i32::try_from(number)
        .map_err(|_| error::overflow_error(value.py(), "Python int too large to convert to C int"))
}

/// The set that an iterable of numbers stands for.
///
/// # Errors
///
/// `TypeError` for what is no iterable of numbers, `ValueError` for a number of no signal. One that the C library keeps for itself is
/// warned of and left out.
pub(crate) fn set_from(signals: Object<'_>) -> Result<SignalSet, Raised> {
    let py = signals.py();
    let allowed = SignalSet::all();
    let mut set = SignalSet::EMPTY;
    signals.each(|signal| {
        let wide = signal.integer()?;
        let signal = i32::try_from(wide).unwrap_or(-1);
        if !(1..=HIGHEST).contains(&signal) {
            let message = format!("signal number {signal} out of range [1; {HIGHEST}]");
            return Err(error::value_error(py, &message));
        }
        if !allowed.contains(signal) {
            let message = format!("invalid signal number {signal}, please use valid_signals()");
            return call::warn_runtime(py, &message);
        }
        // It is one, by the range.
        let _ = set.insert(signal);
        Ok(())
    })?;
    Ok(set)
}

/// A signal as a member of the standard enum, or as a number where that has none.
pub(super) fn member(standard: Object<'_>, signal: i32) -> Answer<'_> {
    let number = Owned::signed(standard.py(), signal)?;
    let class = standard.attribute_named(&SIGNALS)?;
    let members = class.borrow().attribute_named(&MEMBERS)?;
    let args = [number.borrow(), number.borrow()];
    members.borrow().call_method(c"get", &args)
}

/// The set of members that a set of signals is.
pub(super) fn members(standard: Object<'_>, set: SignalSet) -> Answer<'_> {
    let found: Result<Vec<_>, Raised> = set.iter().map(|signal| member(standard, signal)).collect();
    let list = Owned::list(standard.py(), found?.into_iter())?;
    call::set_class(standard.py()).call(&[list.borrow()])
}
