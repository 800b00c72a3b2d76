//! By what the processes of a tree are known.

use super::cgroup::Cgroup;
use crate::subprocess::popen::Popen;

/// By what the processes below a child are known to be its own, when they are to be [killed](super::super::Process::kill_tree).
///
/// What can escape from each is its own; descent counts with all but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Containment {
    /// A cgroup. What moves itself to another cgroup escapes, which takes rights there.
    Cgroup,
    /// The session that the child leads. What starts a session of its own escapes once its parent is gone. Once the child's outcome is known,
    /// all escape on kernels before 6.9 and without [`own_tree`](super::super::Popen::own_tree), and else those in other process groups.
    Session,
    /// The process group that the child leads. What leaves it escapes once its parent is gone. Once the child's outcome is known, all
    /// do on kernels before 6.9 and without [`own_tree`](super::super::Popen::own_tree).
    ProcessGroup,
    /// Descent alone. What has lost a parent between itself and the child escapes, and everything once the child's outcome is
    /// known.
    Descent,
}

/// How the tree of a child is held together.
#[derive(Debug)]
pub(in super::super) struct Tree {
    pub(super) leads: Leads,
    pub(super) cgroup: Option<Box<Cgroup>>,
    /// Whether it was ordered as one.
    is_ordered: bool,
}

/// What has the child's pid for its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Leads {
    Session,
    Group,
    Nothing,
}

impl Leads {
    fn of(popen: &Popen) -> Self {
        match popen.group {
            Some(0) => Self::Group,
            Some(_) if !popen.session => Self::Nothing,
            _ if popen.starts_session() => Self::Session,
            _ => Self::Nothing,
        }
    }
}

impl Tree {
    pub(in super::super) fn new(popen: &Popen, cgroup: Option<Cgroup>) -> Self {
        Self {
            leads: Leads::of(popen),
            cgroup: cgroup.map(Box::new),
            is_ordered: popen.own_tree,
        }
    }

    /// Whether it takes the child's handle to kill what is left when the child's outcome is known.
    pub(in super::super) fn outlives_root(&self) -> bool {
        self.is_ordered && self.cgroup.is_none() && self.leads != Leads::Nothing
    }

    pub(in super::super) fn containment(&self) -> Containment {
        match (&self.cgroup, self.leads) {
            (Some(_), _) => Containment::Cgroup,
            (None, Leads::Session) => Containment::Session,
            (None, Leads::Group) => Containment::ProcessGroup,
            (None, Leads::Nothing) => Containment::Descent,
        }
    }
}
