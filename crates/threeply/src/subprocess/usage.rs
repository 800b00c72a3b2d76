//! What a process used in its life.

use std::time::Duration;

/// What a process used in its life, together with what those of its own children used for which it had waited.
///
/// What such a child's child left to others, and what still runs, is not in it.
///
/// # Source
///
/// `getrusage(2)`; `struct_rusage` of CPython's `resource`.
#[doc(alias = "rusage")]
#[doc(alias = "struct_rusage")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ResourceUsage {
    /// Time on a processor in the program's own code.
    pub user_time: Duration,
    /// Time on a processor in the kernel on its behalf.
    pub system_time: Duration,
    /// The most memory that it had at a time, in bytes; of several processes, the largest one's.
    ///
    /// Never less than what this process had when it started the child: until its program runs, a child stands in its parent's memory
    /// or in a copy, and the kernel counts that.
    pub max_resident: u64,
    /// Pages that came without a read from a disk.
    pub minor_faults: u64,
    /// Pages that had to be read.
    pub major_faults: u64,
    /// Blocks of 512 bytes that were read from a disk for it.
    pub blocks_in: u64,
    /// Blocks of 512 bytes that were, or are to be, written to a disk for it.
    pub blocks_out: u64,
    /// How often it gave up the processor by itself, mostly to wait.
    pub voluntary_switches: u64,
    /// How often the processor was taken from it.
    pub involuntary_switches: u64,
}

impl ResourceUsage {
    /// The fourteen numbers of a `struct rusage` after its two times, in its order: `ru_maxrss`, in kibibytes, to `ru_nivcsw`. Those
    /// that Linux does not keep are 0.
    pub fn counts(&self) -> [u64; 14] {
        let mut counts = [0; 14];
        counts[0] = self.max_resident / KIB;
        counts[4] = self.minor_faults;
        counts[5] = self.major_faults;
        counts[7] = self.blocks_in;
        counts[8] = self.blocks_out;
        counts[12] = self.voluntary_switches;
        counts[13] = self.involuntary_switches;
        counts
    }
}

/// The unit in which the kernel tells of memory.
const KIB: u64 = 1024;

impl From<libc::rusage> for ResourceUsage {
    fn from(usage: libc::rusage) -> Self {
        Self {
            user_time: span(usage.ru_utime),
            system_time: span(usage.ru_stime),
            max_resident: count(usage.ru_maxrss).saturating_mul(KIB),
            minor_faults: count(usage.ru_minflt),
            major_faults: count(usage.ru_majflt),
            blocks_in: count(usage.ru_inblock),
            blocks_out: count(usage.ru_oublock),
            voluntary_switches: count(usage.ru_nvcsw),
            involuntary_switches: count(usage.ru_nivcsw),
        }
    }
}

/// The kernel counts in signed numbers, none of which is negative.
fn count(number: libc::c_long) -> u64 {
    number.try_into().unwrap_or(0)
}

fn span(time: libc::timeval) -> Duration {
    let seconds = Duration::from_secs(count(time.tv_sec));
    seconds + Duration::from_micros(count(time.tv_usec))
}
