//! What the models share.

/// Tries every order of `body`'s steps in which a thread is stopped against its will at most twice.
///
/// `LOOM_MAX_PREEMPTIONS` says another number. Two find nearly all there is to find; three take an hour.
#[allow(dead_code, reason = "each file of models uses a part")]
pub(crate) fn model(body: impl Fn() + Send + Sync + 'static) {
    check(2, body);
}

/// As [`model`], but stops a thread once at most: for bodies of many steps.
#[allow(dead_code, reason = "each file of models uses a part")]
pub(crate) fn long_model(body: impl Fn() + Send + Sync + 'static) {
    check(1, body);
}

fn check(preemptions: usize, body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.check(body);
}
