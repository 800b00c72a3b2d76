//! What the models share.

/// Tries every order of `body`'s steps in which a thread is stopped against its will at most twice.
///
/// `LOOM_MAX_PREEMPTIONS` says another number. Two find nearly all there is to find; three take an hour.
pub(crate) fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    builder.check(body);
}
