//! Events that other processes send, and that interrupt what a thread is doing.
//!
//! So far the room holds one thing: a signal that reaches *any* thread, at *any* moment, ends the
//! native wait of the thread that is to answer it ([`Relay`]). Handlers, streams, masks and timers follow.

mod relay;

pub use relay::Relay;
