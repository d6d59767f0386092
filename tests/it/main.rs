//! Tests of kpid from outside: one binary, so that the library is linked once.

mod layers;
mod servers;
mod source;
