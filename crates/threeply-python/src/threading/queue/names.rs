//! The names that `queue.Queue` asks Python for.

use crate::ffi::object::Name;

pub(super) static OPEN_QUEUE: Name = Name::new(c"_open_queue");
pub(super) static MUTEX: Name = Name::new(c"mutex");
pub(super) static NOT_EMPTY: Name = Name::new(c"not_empty");
pub(super) static NOT_FULL: Name = Name::new(c"not_full");
pub(super) static ALL_TASKS_DONE: Name = Name::new(c"all_tasks_done");
pub(super) static UNFINISHED_TASKS: Name = Name::new(c"unfinished_tasks");
pub(super) static IS_SHUTDOWN: Name = Name::new(c"is_shutdown");
pub(super) static MAXSIZE: Name = Name::new(c"maxsize");
pub(super) static QUEUE: Name = Name::new(c"queue");
pub(super) static START: Name = Name::new(c"start");
pub(super) static OPEN_UP: Name = Name::new(c"open_up");
pub(super) static PUT: Name = Name::new(c"put");
pub(super) static GET: Name = Name::new(c"get");
pub(super) static QSIZE: Name = Name::new(c"qsize");
pub(super) static EMPTY: Name = Name::new(c"empty");
pub(super) static FULL: Name = Name::new(c"full");
pub(super) static TASK_DONE: Name = Name::new(c"task_done");
pub(super) static JOIN: Name = Name::new(c"join");
pub(super) static SHUTDOWN: Name = Name::new(c"shutdown");
pub(super) static HOOK_INIT: Name = Name::new(c"hook_init");
pub(super) static HOOK_INIT_LIFO: Name = Name::new(c"hook_init_lifo");
pub(super) static HOOK_INIT_PRIORITY: Name = Name::new(c"hook_init_priority");
pub(super) static HOOK_PUT_PRIORITY: Name = Name::new(c"hook_put_priority");
pub(super) static HOOK_GET_PRIORITY: Name = Name::new(c"hook_get_priority");
pub(super) static APPEND: Name = Name::new(c"append");
pub(super) static POPLEFT: Name = Name::new(c"popleft");
pub(super) static POP: Name = Name::new(c"pop");
