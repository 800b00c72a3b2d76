//! The three classes: `Queue`, and `LifoQueue` and `PriorityQueue` as its heirs.

use super::{
    Queue, WATCHED, attribute_is_set, docs, empty, full, init, join,
    kinds::{LAST_IN, SMALLEST},
    names,
    opening::{
        get_open, hand_over, hook_get, hook_get_lifo, hook_get_priority, hook_init, hook_init_lifo,
        hook_init_priority, hook_put, hook_put_priority, hook_qsize, is_shutdown, maxsize,
        set_maxsize, set_open, unfinished_tasks,
    },
    qsize, shutdown, task_done,
    transfer::{get, get_nowait, put, put_nowait},
};
use crate::{
    ffi::{
        method::{Attribute, Method, class_getitem, plain, read_write, with_args},
        native::{Class, Made},
        object::{Answer, Object, Owned, Raised},
    },
    threading::{overrides, unpicklable},
};
use pyo3::Python;
use std::ffi::CStr;

const MODULE: &CStr = c"threeply.queue";

/// What sets one of the classes apart.
struct Kind {
    name: &'static CStr,
    doc: &'static CStr,
    /// `_init`, `_put` and `_get`.
    hooks: [Method; 3],
    /// The order of its items.
    mark: u8,
}

/// Makes the three classes, as subclasses of the standard ones, each by its name.
///
/// `open_queue` does what an open queue does, and names the exceptions.
pub(crate) fn queues<'py>(
    py: Python<'py>,
    standard: Object<'_>,
    open_queue: Object<'_>,
) -> Result<[(&'static str, Owned<'py>); 3], Raised> {
    let queue = queue(py, standard)?;
    queue
        .class
        .borrow()
        .set_attribute(c"_open_queue", open_queue)?;
    let lifo = Kind {
        name: c"LifoQueue",
        doc: docs::LIFO_QUEUE,
        hooks: [
            with_args(c"_init", docs::HOOK, hook_init_lifo),
            with_args(c"_put", docs::HOOK, hook_put),
            plain(c"_get", docs::HOOK, hook_get_lifo),
        ],
        mark: LAST_IN,
    };
    let priority = Kind {
        name: c"PriorityQueue",
        doc: docs::PRIORITY_QUEUE,
        hooks: [
            with_args(c"_init", docs::HOOK, hook_init_priority),
            with_args(c"_put", docs::HOOK, hook_put_priority),
            plain(c"_get", docs::HOOK, hook_get_priority),
        ],
        mark: SMALLEST,
    };
    let lifo = heir(py, standard, &queue, lifo)?;
    let priority = heir(py, standard, &queue, priority)?;
    Ok([
        ("Queue", queue.class),
        ("LifoQueue", lifo),
        ("PriorityQueue", priority),
    ])
}

fn queue<'py>(py: Python<'py>, standard: Object<'_>) -> Result<Made<'py>, Raised> {
    let parent = standard.attribute(c"Queue")?;
    let hooks = [
        with_args(c"_init", docs::HOOK, hook_init),
        with_args(c"_put", docs::HOOK, hook_put),
        plain(c"_get", docs::HOOK, hook_get),
    ];
    let made = class(c"Queue", docs::QUEUE, hooks)
        .attributes(attributes())
        .make(py, MODULE, None, &[parent.borrow()])?;
    overrides::learn(made.class.borrow(), &WATCHED, 0)?;
    Ok(made)
}

// DIFFERENCE: A stack's methods do not take a plain queue
fn heir<'py>(py: Python<'py>, standard: Object<'_>, queue: &Made<'py>, kind: Kind) -> Answer<'py> {
    let parent = standard.attribute(kind.name)?;
    let bases = [queue.class.borrow(), parent.borrow()];
    let Made { class, .. } = class(kind.name, kind.doc, kind.hooks).make(
        py,
        MODULE,
        Some(queue.core.borrow()),
        &bases,
    )?;
    overrides::learn(class.borrow(), &WATCHED, kind.mark)?;
    Ok(class)
}

fn class(name: &'static CStr, doc: &'static CStr, hooks: [Method; 3]) -> Class<Queue> {
    Class::new(name, doc)
        .init(init)
        .watch_attributes(attribute_is_set)
        .methods(methods())
        .methods(hooks)
}

fn attributes() -> [Attribute; 8] {
    [
        read_write(
            c"maxsize",
            c"The most items, 0 for any number.",
            maxsize,
            set_maxsize,
        ),
        read_write(
            c"unfinished_tasks",
            c"How many items were put and not reported done.",
            unfinished_tasks,
            |this, value| set_open(this, &names::UNFINISHED_TASKS, value),
        ),
        read_write(
            c"is_shutdown",
            c"Whether shutdown() was called.",
            is_shutdown,
            |this, value| set_open(this, &names::IS_SHUTDOWN, value),
        ),
        read_write(
            c"queue",
            c"The items. Asking for it opens the queue.",
            |this| get_open(this, &names::QUEUE),
            |this, value| set_open(this, &names::QUEUE, value),
        ),
        read_write(
            c"mutex",
            c"The lock of an open queue. Asking for it opens the queue.",
            |this| get_open(this, &names::MUTEX),
            |this, value| set_open(this, &names::MUTEX, value),
        ),
        read_write(
            c"not_empty",
            c"Notified after a put. Asking for it opens the queue.",
            |this| get_open(this, &names::NOT_EMPTY),
            |this, value| set_open(this, &names::NOT_EMPTY, value),
        ),
        read_write(
            c"not_full",
            c"Notified after a get. Asking for it opens the queue.",
            |this| get_open(this, &names::NOT_FULL),
            |this, value| set_open(this, &names::NOT_FULL, value),
        ),
        read_write(
            c"all_tasks_done",
            c"Notified when nothing is unfinished. Asking for it opens the queue.",
            |this| get_open(this, &names::ALL_TASKS_DONE),
            |this, value| set_open(this, &names::ALL_TASKS_DONE, value),
        ),
    ]
}

/// The methods of all three classes; each has them itself, where the interpreter's fast paths find them.
fn methods() -> [Method; 14] {
    [
        with_args(c"put", docs::PUT, put),
        with_args(c"get", docs::GET, get),
        with_args(c"put_nowait", docs::PUT_NOWAIT, put_nowait),
        plain(c"get_nowait", docs::GET_NOWAIT, get_nowait),
        plain(c"qsize", docs::QSIZE, qsize),
        plain(c"empty", docs::EMPTY, empty),
        plain(c"full", docs::FULL, full),
        plain(c"task_done", docs::TASK_DONE, task_done),
        plain(c"join", docs::JOIN, join),
        with_args(c"shutdown", docs::SHUTDOWN, shutdown),
        plain(c"_qsize", docs::HOOK, hook_qsize),
        plain(c"_hand_over", docs::HAND_OVER, hand_over),
        class_getitem(),
        unpicklable::<Queue>(),
    ]
}
