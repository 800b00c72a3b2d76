//! Names that futures ask for often.

use crate::ffi::object::Name;

pub(super) static OPEN_FUTURE: Name = Name::new(c"_open_future");
pub(super) static STANDARD: Name = Name::new(c"_standard");
pub(super) static OPEN_UP: Name = Name::new(c"open_up");
pub(super) static LOG_CALLBACK: Name = Name::new(c"log_callback");
pub(super) static LOG_STATE: Name = Name::new(c"log_state");
pub(super) static INVALID_STATE: Name = Name::new(c"invalid_state");
pub(super) static REPR: Name = Name::new(c"repr");

pub(super) static SUBMIT_WITH: Name = Name::new(c"_submit_with");
pub(super) static ADJUST_THREAD_COUNT: Name = Name::new(c"_adjust_thread_count");
pub(super) static REFUSE: Name = Name::new(c"_refuse");

pub(super) static STATE: Name = Name::new(c"_state");
pub(super) static RESULT: Name = Name::new(c"_result");
pub(super) static EXCEPTION: Name = Name::new(c"_exception");
pub(super) static CONDITION: Name = Name::new(c"_condition");
pub(super) static WAITERS: Name = Name::new(c"_waiters");
pub(super) static DONE_CALLBACKS: Name = Name::new(c"_done_callbacks");
