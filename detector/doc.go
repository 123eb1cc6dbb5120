// Package detector is the pure core: it holds what is normal for each session and user, measures what an event
// changed, lets the rules judge it, and decides.
//
// Engine.Observe is deterministic: the same events in the same order give the same outcomes, byte for byte. Nothing in
// this package reads a clock, starts a goroutine, does I/O, logs, draws a random number or depends on map order; the only
// time is the event's.
package detector
