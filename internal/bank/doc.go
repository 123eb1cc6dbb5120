// Package bank is a synthetic bank: customers with honest habits, thieves who use stolen sessions, and the score of
// whoever watches them. It is the source of the demo and of simulate, and the instrument by which detection is
// measured; docs/simulator.md describes the population and what is not modelled.
//
// The world is a discrete-event simulation. An agenda holds what happens next: a customer opens the app, a session
// makes its next request, a thief makes his. Next takes the earliest entry and returns the session events that it
// causes, as the bank's apps would publish them. Nothing reads a clock and every customer and every thief has a
// random stream of its own, so the same Config gives the same bytes, and what happens to one customer does not move
// the dice of another.
//
// The truth travels beside each event, as its Label; with Config.Labels also as CloudEvents extension attributes
// outside data, which no detector reads.
//
// A Bank is not safe for concurrent use.
package bank
